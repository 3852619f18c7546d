(** Many programs on the same inputs, as one directed acyclic graph: equal terms that depend on nothing but the inputs
    are one node, whatever program they stand in, and a node is evaluated once on each input.

    An applied lambda is no node: its parameter stands for the node of its argument. What is under a lambda that is not
    applied is evaluated with its function, except for such parameters.

    The outcome is that of {!Evaluation.run_program}: sharing only saves steps, so what runs out of a limit would have
    done so alone, too (though perhaps of another one first), and where the sum of what a program's nodes cost at most is
    beyond the limits, it is evaluated alone. *)

type t
(** A graph with what is known of its nodes. *)

type program

val create : Compile.t -> Evaluation.limits -> most_cells:int -> t
(** [most_cells] bounds, in cells as {!Budget} counts them, the values that are kept: beyond it they are forgotten. *)

val program : t -> Terms.t -> program

val set_inputs : t -> Values.t array array -> unit
(** The inputs on which programs are evaluated from now on; what was known is forgotten. *)

val run : t -> program -> int -> Evaluation.outcome
(** A program on the inputs of a number. *)

val evaluations : t -> int
(** Nodes evaluated so far. *)

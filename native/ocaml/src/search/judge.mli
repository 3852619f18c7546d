(** Which tasks a program solves. All tasks share one table of distinct inputs, on
    each of which a program runs at most once, and one decision tree, in which
    inputs that many tasks share come first: most programs are told apart from
    most tasks by one or two evaluations. *)

type example = { input : int; output : Values.t }

type task = { examples : example list }
(** No input twice. *)

type t

val create : ?comparison:Comparison.t -> Evaluation.limits -> inputs:Values.t array array -> task array -> t
(** All tasks are active. Outputs are what the comparison, by default the exact one, wants. *)

val set_active : t -> (int -> bool) -> unit
(** Judges the active tasks from now on. *)

val judge : t -> Code.t -> (int -> unit) -> unit
(** Calls the function with each active task that the program with this body solves. *)

val value_size : Values.t -> int
(** How large an input is, by which the smallest is tried first. *)

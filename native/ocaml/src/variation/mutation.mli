(** Typed mutation and crossover: one part of a program gives way to a draw from the
    grammar, or to a part of another program. Every node is as likely to be replaced;
    what surrounds it keeps its types, and what comes in has the type that the rest
    needs there. Subtree mutation as in strongly typed genetic programming (Montana,
    Evolutionary Computation 3, 1995), with the grammar's odds and without rejection. *)

type t = private { grammar : Grammar.t; mutable completions : Completions.t }
(** What is worked out once for a grammar, or more often if it becomes large. *)

val create : Grammar.t -> t

val holes : t -> int
(** How many holes are known by now, which is what the memory is used for. *)

val most_holes : int
(** A graph with more takes too much memory to be kept. *)

val renew_if_large : t -> bool
(** Begins a new graph if there are more, and whether it did: then a {!type-parent} read before is to be read again.
    Draws do not depend on it. *)

type settings = {
  request : Types.t;
  max_size : int;  (** nodes of a mutant at most *)
  max_depth : int;  (** of what is drawn, as in {!Drawing} *)
}

type place

type parent = private {
  program : Derivation.program;
  text : string;  (** η-long *)
  root : Holes.next;
  places : place option array;  (** by node, as they are needed *)
  own : (int, bool) Hashtbl.t;  (** which mates are this program, as they are met *)
}

val parent : t -> settings -> string -> parent
(** @raise Failure.Error with what is wrong with the program. *)

type mutant = private {
  text : string;
  log_prior : float;  (** −∞ if the grammar never makes it *)
  mate : int option;  (** the number of the program that gave a part *)
}

(** {1 Mutation} *)

val mutate : t -> settings -> parent -> seed:int -> index:int -> mutant option
(** The mutant of this seed and index; [None] if there is no program within the
    limits that differs in one part. *)

val derive : t -> settings -> parent -> seed:int -> index:int -> Derivation.t option
(** The same, without its text and prior. *)

(** {1 Crossover} *)

type mate = { number : int; of_program : Derivation.program; written : string }
type pool

val pool : mate array -> pool

val cross : t -> settings -> parent -> pool -> seed:int -> index:int -> mutant option
(** A part of a mate's program in the place of one of the parent's, with its free
    variables renamed; [None] if no mate fits, of the parts that are tried. *)

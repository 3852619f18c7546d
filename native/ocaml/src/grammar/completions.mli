(** How few nodes complete a hole: not a bound but a way that is there, so that a
    draw that keeps room for it never has to be begun again. A node is a production,
    a literal or a variable where it stands; lambdas and applications count nothing.

    Where an argument decides types that later arguments depend on, each choice for
    it is tried with its own shortest completion, and the best for all is taken.
    What comes out is a function of the hole alone, not of what was asked before. *)

type t

val create : Holes.t -> t
val graph : t -> Holes.t

val begin_draw : t -> unit
(** The work for one mutant or draw is bounded, and counted from here. *)

type found = { nodes : int; decided : Holes.substitution }

(** What is known of a hole. *)
type options = private {
  choices : Holes.choice array;
      (** variables by index, then productions by number: an order that the history of
          the graph does not change *)
  chances : float array;
  total : float;  (** of the chances *)
  completions : Holes.completion array;  (** of each choice, with the choice itself *)
  simplest_first : int array;  (** positions of choices, by how many arguments there are to fill *)
}

val options : t -> Holes.hole -> options

val find : options -> Holes.head -> int option
(** The position of a head among the choices. *)

val infinite : int
(** More nodes than any program has; several of them can still be added. *)

val of_choice : t -> options -> int -> int -> found option
(** [of_choice completions options position limit]: the least completion that
    begins with a choice, if it has at most [limit] nodes. What takes more than a
    dozen, or fewer where many productions return any type, is not found. @raise Failure.Error where the library's types are too
    hard to fill. *)

val of_arguments : t -> Holes.arguments -> int -> found option
(** The same of arguments. *)

(** Admissible completion bounds: a number that no way of filling a hole can
    undercut, by the hole's context and the head constructor of its type. A least
    fixpoint over the grammar, after A* with an exact heuristic for grammars
    (Euphony), widened so that types and variables in scope may be anything. *)

type t

val compute : Grammar.t -> t

val lookup : t -> int -> Types.t -> Cost.t
(** [lookup bounds context return] *)

val least : t -> int -> Types.t -> Cost.t
(** As [lookup], of a type that may be a function. *)

(** Functions that are solved from examples of their own: if a list must become another one
    element by element, each pair of elements is an example of the function that does it. *)

type t

type deduce = level:int -> found:(Holes.node -> unit) -> unit

val create : Round.t -> deduce:(Round.t -> examples:int -> deduce option) -> t option
(** [None] if no primitive that gives the root's type applies a function to elements. [deduce] solves a function's
    round by parts. *)

val run : t -> found:(Holes.node -> unit) -> unit
(** Goes on with the search for each function, for a share of the terms that the search has tried in all; [found] gets
    programs that should be right on the signature. What [found] raises ends it. *)

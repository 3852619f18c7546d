(** Values put together from pieces by an associative primitive: the cheapest path through
    the positions in the wanted values. A node is a position in each of them; an edge is a
    term whose value stands at that position in each, be it one of the bank or one that cuts
    a piece from a known value. *)

type t

val create : Round.t -> t option
(** For the values of the root's type, if a primitive joins them; [None] if none does. *)

val sequences : t -> Sequences.t

val banks : t -> Bank.t list
(** Those that pieces, positions and lengths come from. *)

val update : t -> unit
(** Looks at the terms that the banks have got since. *)

val solve : ?wanted:(int -> Store.number) -> t -> steps:int -> set:int -> Part.t option
(** Right on the probes of a set: its values are the root's wanted ones, or those of [wanted], which must be parts of
    them. The work is bounded by [steps], in comparisons. *)

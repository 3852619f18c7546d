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

val solve : t -> steps:int -> set:int -> (int -> Store.number) -> Part.t option
(** [solve paths ~steps ~set wanted]: right on the probes of a set, where [wanted] gives parts of the values that the
    root must have there. The work is bounded by [steps], in comparisons. *)

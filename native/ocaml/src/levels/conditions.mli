(** Programs that treat examples differently: trees of the conditional, with a test from the
    bank of truth values at each node and a term that is right on the examples that arrive at
    each leaf. *)

type t

val create : Round.t -> t option
(** [None] if no conditional has the root's type. *)

val banks : t -> Bank.t list
(** Those that its tests and branches come from. *)

val update : t -> unit
(** Looks at the tests that the bank has got since. *)

val solve : t -> Covers.t -> most:int -> steps:int -> leaf:(int -> Part.t option) -> Part.t option
(** The cheapest tree of at most three tests and of less than [most] units that is right on all probes, as far as the
    work, bounded by [steps], goes; [leaf] solves a set that no known term covers. *)

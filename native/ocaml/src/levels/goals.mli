(** Programs put together from the values they must have: a goal is the vector of values
    of a term on all probes. It is looked up in the bank; if it is not there, it is taken
    apart by the inverses that primitives declare, and its parts are goals in turn. *)

val solve : Round.t -> found:(Holes.node -> unit) -> unit
(** Calls [found] with programs that are right on the signature and made of terms that the
    banks have; the work is bounded. What [found] raises ends it. *)

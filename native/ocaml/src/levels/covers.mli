(** What is known to be right on some of the examples: for each set of probes the cheapest
    term found that has the wanted values there. A set is a mask with a bit for each probe. *)

type t

val most_probes : int
(** No mask has more. *)

val members : int -> int list
(** The probes of a mask, ascending. *)

val includes : int -> int -> bool
(** Whether the first set has all of the second. *)

val create : Bank.t -> Store.number array -> t
(** Of the terms of a bank, for a vector of wanted values; at most {!most_probes}. *)

val all : t -> int
(** The mask of all probes. *)

val update : t -> unit
(** Looks at the terms that the bank has got since. *)

val add : t -> int -> Part.t -> unit
(** A term that is right on just this set. *)

val information : t -> float
(** How much the wanted values tell, in nats, 0 or more; infinite as long as nothing is known to be right on some probe.
    A probe tells no more than a term costs that is right on it, and no more than −log of the share of terms that are. *)

val cheapest : t -> int -> Part.t option
(** Right on this set, at least. *)

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

val cheapest : t -> int -> Part.t option
(** Right on this set, at least. *)

(** Values that differ from others by a replaced part: the replacement is the rest of the
    wanted value, or a known replacement is undone. *)

type t

val create : Round.t -> Sequences.t -> t option
(** [None] if no primitive replaces parts of the root's values. *)

val update : t -> unit
(** Looks at the terms that the bank has got since. *)

val replacement : t -> Paths.t -> steps:int -> set:int -> Part.t option
(** The whole is an input, the part a term of the bank; what replaces it is put together by paths. Right on a set. *)

val undone : t -> steps:int -> found:(Part.t -> unit) -> unit
(** Constants replace constants, up to three times, in a term of the bank. Right on all probes. *)

(** SplitMix64 (Steele, Lea, Flood 2014): random numbers that are the same for the
    same seed on every machine and with every compiler. *)

type t

val create : int -> t

val member : int -> int -> t
(** [member seed index]: one generator of a family, whose streams have nothing to do
    with each other, in any order. *)

val next : t -> int64

val uniform : t -> float
(** In [0, 1), with 53 random bits. *)

val below : t -> int -> int
(** Uniform in 0 … count − 1, for counts far below 2^53. *)

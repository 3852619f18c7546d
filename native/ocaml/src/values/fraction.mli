(** Fractions in lowest terms, exact: equal numbers are equal values, so that a
    search can tell whether two terms have the same value. A fraction is a list of
    two integers, the numerator and the positive denominator. *)

val make : int -> int -> Values.t
(** [make numerator denominator]. @raise Values.Failed where the denominator is zero or a
    part has more than 30 bits. *)

val parts : Values.t -> int * int
(** Numerator and denominator. *)

val add : Values.t -> Values.t -> Values.t
val subtract : Values.t -> Values.t -> Values.t

val times : Values.t -> int -> Values.t
val over : Values.t -> int -> Values.t

val part_of_one : Values.t -> Values.t
(** What is left of it after taking away the greatest integer below: at least 0, less than 1. *)

val to_float : Values.t -> float

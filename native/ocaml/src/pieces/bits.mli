(** Sets of small numbers as words of bits. *)

val create : int -> int array
(** Room for so many numbers; none is in it. *)

val full : int -> int array
val add : int array -> int -> unit

val ones : int -> int
(** How many bits of a word of a set are set. *)

val is_empty : int array -> bool
val count : int array -> int

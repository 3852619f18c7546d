(** The distinct inputs of many examples, numbered in order of appearance, so that
    a program runs once on those that several tasks share. *)

type t

val create : unit -> t
val count : t -> int
val number_of : t -> Values.t array -> int
val distinct : t -> Values.t array array
(** By number. *)

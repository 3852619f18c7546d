(** The distinct first-order values of a search, numbered, so that equal values have
    equal numbers and a vector of values is a vector of small integers. *)

type t

type number = int
(** Fits into 31 bits. *)

exception Too_large

val create : unit -> t

val limit : t -> int -> unit
(** From now on new values have at most so many nodes. *)

val failed : number
(** Stands where there is no value. *)

val number_of : t -> Values.t -> number
(** Of a value without functions. @raise Too_large *)

val value : t -> number -> Values.t
(** Of a number that is not {!failed}. *)

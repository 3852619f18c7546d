(** Terms that solve a part of what a program has to do, with their costs. *)

type t = { cost : int;  (** in units *) node : Holes.node }

val of_row : Bank.t -> int -> t
(** A term of a bank. *)

val apply : Bank.rule -> t list -> t
(** Of a rule and its arguments. *)

val cheaper : t option -> t option -> t option
(** The first of two that cost the same. *)

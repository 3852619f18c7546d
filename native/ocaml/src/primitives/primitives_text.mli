(** The primitives of the domain [text]: the theory of strings of SMT-LIB 2.7, and [ite] of its core. *)

val table : Primitive.t list

val characters : Primitive.sequence
(** Texts as sequences of Unicode code points. *)

(** The LOGO domain of DreamCoder: programs in continuation-passing style that draw.
    A turtle is what remains to be drawn. *)

val most_moves : int
(** A drawing with more moves ends as if it had no steps left. *)

val table : Primitive.t list
val base_types : Base_type.t list

val equivalence : Equivalence.t
(** Equal turns and lengths, and parts that draw nothing. *)

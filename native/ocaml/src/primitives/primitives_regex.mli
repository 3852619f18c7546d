(** Primitives of the regex domain (LILO, after Andreas et al. 2018): patterns are
    texts, built up by the program and matched when they are used. Lists of pieces
    are taken apart by primitives of the list domain. *)

val table : Primitive.t list
val base_types : Base_type.t list
val spellings : (string * Base_type.spelling) list
(** By type. *)

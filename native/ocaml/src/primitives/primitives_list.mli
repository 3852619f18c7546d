(** Primitives of the list domain: DreamCoder's common, McCarthy, base and rich
    sets. [map if cons car cdr] belong to the regex domain too. *)

val table : Primitive.t list
val redundancies : Redundancy.t list

(** CLEVR: questions about scenes of objects. An object is a record of its attributes
    and of the objects on each side of it; the null object is the empty record. A
    set is a list of objects in the order of their ids. *)

val table : Primitive.t list
val base_types : Base_type.t list
val redundancies : Redundancy.t list

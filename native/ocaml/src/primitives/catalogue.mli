(** All that the domains register: primitives, base types, redundancies and equivalences. The
    one place that names the [primitives_NAME] modules. *)

val table : Primitive.t list
(** Every primitive that the machine implements, each name once. *)

val find : string -> Primitive.t option
(** The primitive of a name; a {!Literal} is a constant. *)

val form_of : string -> Base_type.form option
(** The form of the values of a base type, [None] if the machine has none of them. *)

val spelling_of : string -> Base_type.spelling option
(** How the texts of a base type are written as terms, if they are. *)

val drawing_of : Types.t -> Base_type.drawing option
(** How values of a type draw, [None] if they are compared as they are. *)

val redundant_at : string -> int -> string list
(** The names that are not enumerated as this argument of a primitive. *)

val use_at : string -> int -> int
(** The number of the {!Equivalence.use} of an argument of a primitive, negative without one. *)

val use : int -> Equivalence.use option

val number_types : has:(string -> bool) -> string list
(** The types whose terms are merged by value in a library that [has] some productions. *)

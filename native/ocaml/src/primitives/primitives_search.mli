(** The building blocks of programs that the search over grids writes: its operations, and what puts pieces together. A
    value of type [tpiece] is a list of row, column and grid. *)

val fixed : Primitive.t list
(** What is no operation, but every answer may need. *)

val table : Primitive.t list
val of_image : Image.t -> Values.t

val to_image : Values.t -> Image.t
(** @raise Values.Failed *)

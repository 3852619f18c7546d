(** The motions of the rectangle, in place. *)

val rows_reversed : Image.t -> Image.t
val columns_reversed : Image.t -> Image.t
val half_turn : Image.t -> Image.t
val transposed : Image.t -> Image.t
val antitransposed : Image.t -> Image.t
val turned_right : Image.t -> Image.t
val turned_left : Image.t -> Image.t

val completed : (Image.t -> Image.t) list -> Image.t -> Image.t
(** Zero cells take the color that the moved images have there, of the first that has one. @raise Image.Fails if a motion
    changes the size *)

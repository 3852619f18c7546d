(** Images repeated and enlarged. The second argument is a canvas, whose rectangle the result fills. *)

val broadcast : Image.t -> Image.t -> Image.t
(** By whole factors. @raise Image.Fails *)

val tile : gap:int -> mirrored:bool -> Image.t -> Image.t -> Image.t
(** From the image's own place on, to all sides, with so many lines of zeros between. *)

val wrap : Image.t -> Image.t -> Image.t
(** Its cells, row by row. *)

val wrap_filled : Image.t -> Image.t -> Image.t
(** Its cells that are not 0, row by row. *)

val periodic_with : Image.t -> Image.t -> Image.t
(** Repeated with the smallest period that all cells but zeros have. @raise Image.Fails *)

(** {1 A copy of the image for some of its cells} *)

val self_tensor : Image.t -> Image.t
val inverse_tensor : Image.t -> Image.t
val majority_tensor : Image.t -> Image.t
val minority_tensor : Image.t -> Image.t

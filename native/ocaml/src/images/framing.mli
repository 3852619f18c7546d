(** Where an image begins and ends: cropping, lines left out, places, sizes. All raise {!Image.Fails} where nothing is left. *)

val is_empty_row : Image.t -> int -> bool
val is_empty_column : Image.t -> int -> bool
val crop : Image.t -> Image.t
val without_empty_lines : Image.t -> Image.t
val without_repeated_lines : Image.t -> Image.t
val half : [ `Bottom | `Left | `Right | `Top ] -> Image.t -> Image.t
val trim : Image.t -> Image.t

val rows_sorted : Image.t -> Image.t
(** The rows with fewest cells that are not 0 first. *)

(** {1 Places} *)

val to_origin : Image.t -> Image.t

val shift : int -> int -> Image.t -> Image.t
(** By rows and columns. *)

(** {1 Images that only say a size, a place or a number} *)

val blank_here : int -> Image.t -> Image.t
val blank_at_origin : int -> Image.t -> Image.t
val corner : Image.t -> Image.t
val center : Image.t -> Image.t
val majority_cell : Image.t -> Image.t
val minority_cell : Image.t -> Image.t
val measure : (Image.t -> int) -> [ `Column | `Row | `Square ] -> Image.t -> Image.t

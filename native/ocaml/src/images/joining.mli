(** Several images as one. All raise {!Image.Fails} where the result would be too large. *)

val smallest_on_top : Image.t array -> Image.t
val largest_on_top : Image.t array -> Image.t

(** {1 Side by side} *)

val as_column : Image.t array -> Image.t
val as_row : Image.t array -> Image.t
val by_size_as_column : Image.t array -> Image.t
val by_size_as_row : Image.t array -> Image.t

val in_line : Image.t array -> Image.t
(** In the order of their places, along the direction in which they lie farther apart. *)

(** {1 Cell by cell} Images of one size, at least two; places are left aside. *)

val union : Image.t array -> Image.t
val common : Image.t array -> Image.t
val exclusive : Image.t array -> Image.t

val uncovered : Image.t array -> Image.t
(** What is in none, in color 1. *)

val only_first : Image.t array -> Image.t
val majority_vote : Image.t array -> Image.t

(** {1 A cell for each image} *)

val table : Image.t array -> Image.t
(** As they lie in rows and columns. *)

val tally : (Image.t -> int) -> Image.t array -> Image.t
(** In a row, the greatest first. *)

val how_many : Image.t array -> Image.t

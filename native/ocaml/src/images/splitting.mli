(** Images taken apart. All raise {!Image.Fails} where there are no parts, or more than a hundred. *)

val connected : diagonal:bool -> alike:bool -> Image.t -> Image.t array
(** The connected parts, of one color each if [alike], in the order of their first cells. *)

val by_color : Image.t -> Image.t array

val regions : Image.t -> Image.t array
(** The connected regions of one color; those of zeros first, in color 1. *)

val columns : Image.t -> Image.t array
val rows : Image.t -> Image.t array

val between_lines : Image.t -> Image.t array
(** What full lines separate, of the one color that has most of them; row by row. *)

val blocks : Image.t -> Image.t array
(** What rows and columns of zeros separate. *)

val halves : bool -> Image.t -> Image.t array
(** Left and right, or else upper and lower. *)

val squares : Image.t -> Image.t array
(** The squares of which a longer rectangle is made. *)

val between_corners : Image.t -> Image.t array
(** The rectangles between four cells of one color. *)

val fallen : int * int -> Image.t -> Image.t array
(** The connected parts, each moved in a direction as far as it can. *)

val at_origins : Image.t array -> Image.t array

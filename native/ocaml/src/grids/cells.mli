(** Sets of positions, or of colored cells, as sorted arrays of packed integers.

    Packed integers have the order of rows from the top, in a row of columns from the left, at a position of colors.
    The functions on sets keep that order, each element once, and never change their arguments. *)

type t = int array

val reach : int
(** Coordinates are from [-reach] to [reach - 1]. *)

(** {1 Elements} *)

val fits : int -> bool
(** Whether a coordinate can be packed. *)

val color_fits : int -> bool
val position : int -> int -> int
(** Of a row and a column that fit. *)

val row : int -> int
val column : int -> int
val colored : int -> int -> int
(** Of a color that fits and a packed position. *)

val color : int -> int
val place : int -> int
(** The packed position of a colored cell. *)

(** {1 Sets} *)

val equal : t -> t -> bool
val compare : t -> t -> int
val of_unsorted : int array -> t
(** The array may be sorted in place. *)

val init : int -> (int -> int) -> t
val map : (int -> int) -> int array -> int array
(** As those of [Array], for integers. *)

val mem : int -> t -> bool
val union : t -> t -> t
val intersection : t -> t -> t
val difference : t -> t -> t
val places : t -> t
(** The positions of colored cells. *)

val repainted : int -> t -> t
(** All positions of a set in one color. *)

(** {1 Geometry of sets of positions} *)

type box = { top : int; left : int; bottom : int; right : int }  (** the first and last rows and columns *)

val box : t -> box
(** The least box around positions, of one at least. *)

val moved : int -> int -> t -> t option
(** By rows and columns; [None] if a coordinate would not fit. *)

val moved_colored : int -> int -> t -> t option
(** As [moved], of colored cells. *)

val mapped : (int -> int -> int) -> t -> t
(** The packed positions that a function of row and column gives. *)

val mapped_colored : (int -> int -> int) -> t -> t
(** As [mapped], of colored cells, which keep their colors. *)

(** Geometry of sets of positions. Sets given here have one position at least. *)

val center : Cells.t -> int * int
val center_of_mass : Cells.t -> int * int
(** Row and column, rounded down. *)

val corners : Cells.t -> Cells.t
val backdrop : Cells.t -> Cells.t
(** All positions of the box around a set. *)

val ring : int -> Cells.t -> Cells.t
(** The frame of the box, so many lines outside it, inside for a negative number; turned inside out where the box is
    too small for that. *)

val line : int * int -> int * int -> Cells.t
(** From a position to another in the same row, column or diagonal; else empty. *)

val neighbors : straight:bool -> diagonal:bool -> int -> int -> Cells.t

val share_row : Cells.t -> Cells.t -> bool
val share_column : Cells.t -> Cells.t -> bool

val distance : Cells.t -> Cells.t -> int
(** The least sum of the distances of rows and columns of a position of each. *)

val distance_work : Cells.t -> Cells.t -> int
(** How many cells [distance] looks at. *)

val adjacent : Cells.t -> Cells.t -> bool
(** Whether [distance] is 1. *)

val gravitate : Cells.t -> Cells.t -> int * int
(** How to move the first set until it is adjacent to the second: along the columns if they share one, else along the
    rows; 42 steps if it never is. *)

val position : Cells.t -> Cells.t -> int * int
(** In which direction from the center of the first the center of the second is. *)

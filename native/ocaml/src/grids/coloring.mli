(** The colors of grids and of colored cells: counted, exchanged and painted. *)

type counts
(** How often each color occurs. *)

val of_grid : Grid.t -> counts
val of_cells : Cells.t -> counts

val most : counts -> int
(** The most frequent color, of several the least one. There must be a color. *)

val least : counts -> int
(** The least frequent color that occurs, of several the least one. There must be a color. *)

val count : counts -> int -> int
val palette : counts -> int list
(** The colors that occur, from the least on. *)

val mostcolor : Grid.t -> int
(** [most] of a grid, of a cell at least: its background. *)

val replaced : int -> by:int -> Grid.t -> Grid.t
val switched : int -> int -> Grid.t -> Grid.t

val agreement : Grid.t -> Grid.t -> otherwise:int -> Grid.t option
(** In the first grid's size, its color where the second has the same; [None] if the second lacks a cell of it. *)

val canvas : int -> height:int -> width:int -> Grid.t

val filled : ?only:int -> int -> Cells.t -> Grid.t -> Grid.t
(** The positions that are in the grid in a color, [only] those of another color. *)

val painted : ?only:int -> Cells.t -> Grid.t -> Grid.t
(** The cells that are in the grid in their colors, one after the other; they need not be sorted. *)

val all : Grid.t -> Cells.t
(** All cells with their colors. *)

val positions : Grid.t -> Cells.t
val of_color : int -> Grid.t -> Cells.t
(** The positions of a color. *)

val seen_at : Cells.t -> Grid.t -> Cells.t
(** The grid's cells at positions. *)

val lines : Grid.t -> Cells.t list
(** The rows and columns of one color each, as colored cells. *)

(** Grids rearranged: turned, mirrored, scaled, joined and cut. Sizes are not limited here. *)

val rot90 : Grid.t -> Grid.t
(** Clockwise. *)

val rot180 : Grid.t -> Grid.t
val rot270 : Grid.t -> Grid.t

val hmirror : Grid.t -> Grid.t
(** Top and bottom exchanged. *)

val vmirror : Grid.t -> Grid.t
(** Left and right exchanged. *)

val dmirror : Grid.t -> Grid.t
(** Rows and columns exchanged. *)

val cmirror : Grid.t -> Grid.t
(** Mirrored at the diagonal from the lower left to the upper right. *)

val scaled : rows:int -> columns:int -> Grid.t -> Grid.t
(** Each cell so many rows high and columns wide, 0 for negative numbers. *)

val downscaled : int -> Grid.t -> Grid.t
(** The rows and columns whose numbers the factor, not 0, divides. *)

val beside : Grid.t -> Grid.t -> Grid.t
(** The first on the left of the second, as many rows as both have. *)

val above : Grid.t -> Grid.t -> Grid.t option
(** The first on top of the second; [None] if one is wider. *)

val crop : row:int -> column:int -> height:int -> width:int -> Grid.t -> Grid.t
(** What is in the grid of a rectangle. Positions and ends that are negative count from the end, as of the slices of
    Python. *)

val trim : Grid.t -> Grid.t
(** Without the outer rows and columns. *)

val tophalf : Grid.t -> Grid.t
(** Each half without the middle line. *)

val bottomhalf : Grid.t -> Grid.t
val lefthalf : Grid.t -> Grid.t
val righthalf : Grid.t -> Grid.t

val hsplit : int -> Grid.t -> Grid.t list
(** So many parts side by side, equally wide; a line between two is left out if the width is no multiple. *)

val vsplit : int -> Grid.t -> Grid.t list

val compress : Grid.t -> Grid.t
(** Without the rows and columns of one color. *)

(** Grids of colors: flat bytes, row by row from the top. *)

type t = private {
  height : int;
  width : int;
  cells : string;  (** one byte a cell, its code is the color; [height * width] of them *)
}

val make : height:int -> width:int -> string -> t
(** @raise Invalid_argument unless there are [height * width] cells, and no side is negative. A grid without cells keeps its sides. *)

val init : height:int -> width:int -> (int -> int -> int) -> t
(** [init ~height ~width color]: the color, in 0–255, of each row and column. *)

val at : t -> int -> int -> int
(** The color at a row and column within the grid; not checked. *)

val cells : t -> int
val equal : t -> t -> bool
val compare : t -> t -> int
val hash : t -> int

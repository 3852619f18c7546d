(** Grids of colors: flat bytes, row by row from the top. *)

type t = private {
  height : int;
  width : int;  (** 0 if the height is *)
  cells : string;  (** one byte a cell, [height * width] of them *)
}

val least : int
val greatest : int
(** Colors are from −128 to 127, as programs mark cells with numbers that are no color of a task. A byte of [cells] is
    the color modulo 256, so that those from 0 on are bytes of that code. *)

val make : height:int -> width:int -> string -> t
(** @raise Invalid_argument unless there are [height * width] cells, and no side is negative. *)

val init : height:int -> width:int -> (int -> int -> int) -> t
(** [init ~height ~width color]: the color of each row and column. *)

val of_bytes : height:int -> width:int -> Bytes.t -> t
(** As [make], of bytes that nobody changes any more. *)

val byte : int -> char
(** The byte of a color. *)

val color : char -> int
(** The color of a byte. *)

val at : t -> int -> int -> int
(** The color at a row and column within the grid; not checked. *)

val cells : t -> int
val equal : t -> t -> bool
val compare : t -> t -> int
val hash : t -> int

val is_of_task : t -> bool
(** Whether a task of ARC may have it: sides from 1 to 30, colors from 0 to 9. *)

(** Images: grids that have a place, so that a part remembers where it was cut out. Color 0 is empty. *)

type t = { row : int; column : int; grid : Grid.t }

exception Fails
(** An operation has no result for this image. *)

val fails : unit -> 'a
(** @raise Fails *)

val largest_side : int
val most_cells : int

val check : int -> int -> unit
(** Whether an image may have this height and width. @raise Fails *)

(** {1 Parts} *)

val height : t -> int
val width : t -> int
val cells : t -> int

val at : t -> int -> int
(** The color of a cell by its number, row by row; not checked. *)

val place : t -> int -> int -> t
(** The same grid at another row and column. *)

(** {1 Making} *)

val of_grid : Grid.t -> t
(** At the origin. *)

val of_bytes : row:int -> column:int -> height:int -> width:int -> bytes -> t
(** The bytes are the image's from now on. *)

val blank : ?color:int -> row:int -> column:int -> int -> int -> t
(** Of a height and width. @raise Fails *)

val like : t -> bytes -> t
(** Other cells in the same rectangle. *)

val copy : t -> bytes
val set : bytes -> int -> int -> unit
val recolor : t -> (int -> int) -> t

val part : t -> top:int -> left:int -> height:int -> width:int -> t
(** A rectangle within the image, at its place. @raise Fails *)

(** {1 Layers} *)

val overlay : bytes -> row:int -> column:int -> height:int -> width:int -> t -> unit
(** Lays what is not 0 over the cells of a rectangle; what lies outside of it is lost. *)

val embed : t -> t -> t
(** What lies in the rectangle of the second image. *)

val over : t -> t -> t
(** The second image with the first on top. *)

val within : t -> t -> t
(** The second image, 0 where the first is 0 or is not. *)

val stack : t array -> t
(** In the smallest rectangle around all, the first on top. @raise Fails *)

(** {1 Equality} *)

val equal : t -> t -> bool
val mix : int -> int -> int
val hash : seed:int -> t -> int

(** {1 Counts} *)

val counts : t -> int array
(** Cells by color. *)

val filled : t -> int
(** Cells that are not 0. *)

val majority : t -> int
(** The most frequent color but 0, of several the smallest; 0 if there is none. *)

val colors : t -> int
(** How many there are, 0 aside. *)

(** Pictures of 8-bit gray pixels, row by row, as strings of one byte a pixel. *)

type t = string

val alike : tolerance:int -> t -> t -> bool
(** Whether they have as many pixels, and no two pixels at one place differ by more. *)

type gallery

val gallery : t array -> gallery
(** Pictures of one size, to be compared with many others. *)

val like : tolerance:int -> gallery -> t -> int list
(** The positions, in order, of those that a picture of their size is {!alike}. *)

val to_rows : side:int -> t -> string list
(** From top to bottom, two hexadecimal digits a pixel. *)

val of_rows : side:int -> string list -> t option
(** [None] unless they are as many rows as a side has pixels, each of as many pixels. *)

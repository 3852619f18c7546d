(** Strokes on a small canvas, as places on a grid: where a turtle drew, in a form
    that is the same for equal drawings, and the picture of it.

    The grid is that of fixed-point renderers: 256 places to a pixel. *)

type t = string
(** Different strokes in ascending order, eight bytes a stroke: the places of its ends, each with 13 bits across
    and 13 downward, the lesser end first. *)

val side : int
(** Pixels of the picture, across and down. *)

val canvas : float
(** The length of the canvas in units of length, across and down. *)

val of_lines : float array -> int -> t
(** [of_lines ends count]: so many lines, each with x and y of both ends in units of length, y upward; centered on
    their bounding box, which the canvas must hold. *)

val picture : t -> Picture.t
(** The union of the strokes, each a rectangle as wide as the pen. *)

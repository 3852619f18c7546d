(** What ARC's primitives take values for. They are dynamic over kinds: each works on whatever value its published
    namesake works on, whichever of its typed productions called it. All functions raise {!Values.Failed} at a value
    of a wrong kind. *)

open Values

val integer : t -> int
(** Truth values are integers, too. *)

val truth : t -> bool
(** Zero and what is empty are false, anything else true. *)

val pair : t -> t -> t
val offset : t -> int * int
(** A list of two integers. *)

val of_offset : int * int -> t

val place : int * int -> int
(** The packed position, which must be one to which a line can be drawn; see {!Cells}. *)

val grid : t -> Grid.t
(** Also a list of rows of colors. *)

val of_grid : Grid.t -> t
val color : int -> int
(** @return the number itself, which must be a color of a grid. *)

val patch : t -> Cells.t option
(** The positions of a set, or list, of positions or colored cells; [None] if it is empty. *)

val positions : t -> Cells.t
(** As [patch], without positions if it is empty. *)

val is_patch : t -> bool
(** Whether it is a set, so no grid. *)

val colored : t -> Cells.t
(** A set, or list, of colored cells, possibly empty. *)

val colored_in_turn : t -> Cells.t
(** As [colored], but a list's cells as they come. *)

val like : t -> (Cells.t -> t) -> (Cells.t -> t) -> t
(** [like patch of_positions of_colored] *)

(** {1 Containers} *)

val items : t -> t array
(** The elements of a set in order, of a list, or the rows of a grid. Not to be changed. *)

val list : t array -> t
val set : t array -> t
(** The array may be sorted in place. *)

val is_set : t -> bool

val shaped : t -> t array -> t
(** A set if the first argument is one, else a list. *)

(** {1 Charges} *)

val allocate : int -> unit
(** For so many cells made. *)

val look_at : int -> unit
(** For so many cells looked at, 128 a step. *)

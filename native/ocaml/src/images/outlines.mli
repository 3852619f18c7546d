(** Inside and outside: enclosed cells, borders, rings and frames. *)

val around : Image.t -> diagonal:bool -> int -> (int -> unit) -> unit
(** Calls back with the numbers of a cell's neighbors. *)

val outside : Image.t -> diagonal:bool -> bytes
(** Which zero cells are connected to the edge through zero cells, for {!is_set}. *)

val is_set : bytes -> int -> bool

val fill : Image.t -> Image.t
(** Enclosed zero cells in the most frequent color. *)

val fill_alike : Image.t -> Image.t
(** In the color to their left. *)

val holes : Image.t -> Image.t
(** The enclosed zero cells alone. *)

val border : Image.t -> Image.t
(** The cells that touch the outside. *)

val inner : Image.t -> Image.t
(** The others. *)

val ring : diagonal:bool -> Image.t -> Image.t
(** The zero cells that touch others, in color 1. *)

val ring_alike : diagonal:bool -> Image.t -> Image.t
(** In the color that they touch. *)

val without_specks : Image.t -> Image.t
(** Without cells that have no neighbor of their color. *)

(** {1 One row and column more at each side} *)

val enlarged : Image.t -> Image.t
val frame : int -> Image.t -> Image.t
val frame_in_majority : Image.t -> Image.t

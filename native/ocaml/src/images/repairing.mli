(** What is hidden in an image, told from the rest of it: zero cells are hidden. *)

val by_symmetry : Image.t -> Image.t
(** From its mirror images, about the axes that no visible cell contradicts and most confirm. @raise Image.Fails *)

val by_period : Image.t -> Image.t
(** @raise Image.Fails *)

val hidden : (Image.t -> Image.t) -> int -> Image.t -> Image.t
(** The rectangle that a color covers, as a repair makes it. @raise Image.Fails *)

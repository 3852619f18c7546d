(** Changes of color, cell by cell. *)

val keep : int -> Image.t -> Image.t
val erase : int -> Image.t -> Image.t

val paint : int -> Image.t -> Image.t
(** Every cell that is not 0. *)

val zeros : Image.t -> Image.t
(** The zero cells, in color 1. *)

val swap : int -> int -> Image.t -> Image.t

(** {1 By frequency} *)

val least : Image.t -> int
(** The least frequent color but 0, of several the smallest; 0 if there is none. *)

val only_majority : Image.t -> Image.t
val without_majority : Image.t -> Image.t
val in_majority : Image.t -> Image.t
val only_minority : Image.t -> Image.t
val in_minority : Image.t -> Image.t

val exchanged : Image.t -> Image.t
(** The only two colors exchanged. @raise Image.Fails *)

(** One image of several, or some of them. Of equals the first is taken. *)

val criteria : (string * (Image.t -> int) * string) list
(** Names, numbers to compare, and what they are. *)

val first_best : (Image.t -> int) -> Image.t array -> Image.t
val all_best : (Image.t -> int) -> Image.t array -> Image.t array

val all_but_best : (Image.t -> int) -> Image.t array -> Image.t array
(** @raise Image.Fails *)

val unlike : Image.t array -> Image.t
(** The one that is alone in most of several features. @raise Image.Fails *)

val most_common : Image.t array -> Image.t
(** The one of which there are most copies, wherever they stand. *)

val least_common : Image.t array -> Image.t
val first : Image.t array -> Image.t
val last : Image.t array -> Image.t
val parts : Image.t -> int

(** What ARC's primitives do with sets, lists and grids as lists of rows. They fail at values that are none. *)

open Values

(** {1 Sets and lists} *)

val contained : t -> t -> t
val combine : t -> t -> t
(** The kind of the first. *)

val intersection : t -> t -> t
val difference : t -> t -> t
val insert : t -> t -> t
val remove : t -> t -> t
val first : t -> t
val last : t -> t
val other : t -> t -> t
val size : t -> t

val merged : t -> t
(** A list of sets is merged to a set, too. *)

val dedupe : t -> t
val repeat : t -> t -> t
val interval : t -> t -> t -> t
val product : t -> t -> t
val zipped : (t -> t -> t) -> t -> t -> t

(** {1 Choosing}

    Of several that are equally good the first one, in the container's order. Keys that are sets compare by size. *)

val argument : int -> t -> t -> t
(** [argument sign container f]: where [f] is greatest, or least for a negative sign. *)

val value : int -> t -> t -> t
(** The greatest, or least, value. *)

val maximum : t -> t
val minimum : t -> t

val common : int -> t -> t
(** The most, or least, frequent element of a list, of several the least one. *)

val order : t -> t -> t
val sfilter : t -> t -> t
val mfilter : t -> t -> t
val extract : t -> t -> t
val sizefilter : t -> t -> t

(** {1 Functions of elements} *)

val mapped : t -> t -> t
(** [mapped f container] *)

val mapply : t -> t -> t
val rapply : t -> t -> t
val papply : t -> t -> t -> t
val prapply : t -> t -> t -> t
val totuple : t -> t

(** Values as arrays of numbered elements, each made once. *)

type t

val create : Store.t -> Primitive.sequence -> t

val of_number : t -> Store.number -> int array
(** @raise Values.Failed for a value of another kind *)

val number_of : t -> int array -> Store.number
(** @raise Store.Too_large *)

val stands_at : int array -> int array -> int -> bool
(** [stands_at part whole position]; the position is at most the length of [whole]. *)

val first : int array -> int array -> int option
(** [first part whole]: where the part stands first. *)

val occurrences : int array -> int array -> int list
(** [occurrences part whole], ascending; overlapping ones count, and an empty part stands everywhere. *)

val common : int array -> int array -> Bytes.t
(** [common a b]: by [i * (length b + 1) + j] how many elements agree from [i] in [a] and [j] in [b] on; no more than
    255 elements are compared. *)

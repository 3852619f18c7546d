(** Base types: the names that types without arguments have, and the form of
    their values. Each domain registers its own beside its primitives. *)

type form =
  | Integer
  | Truth
  | Character  (** a text of one character *)
  | Text

type t = { name : string; form : form }

val general : t list
(** Those that belong to no domain. *)

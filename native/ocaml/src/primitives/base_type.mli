(** Base types: the names that types without arguments have, and the form of
    their values. Each domain registers its own beside its primitives. *)

type field = { key : string; ty : Types.t }

type form =
  | Integer
  | Truth
  | Character  (** a text of one character *)
  | Text
  | Symbol of string list  (** one of these texts *)
  | Record of { fields : field list; optional : field list }
      (** an object with these keys, of those that are optional the first ones or none; or the empty record, of no key *)

type t = { name : string; form : form }

val general : t list
(** Those that belong to no domain. *)

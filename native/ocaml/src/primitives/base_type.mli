(** Base types: the names that types without arguments have, and the form of
    their values. Each domain registers its own beside its primitives. *)

type field = { key : string; ty : Types.t }

type form =
  | Integer
  | Truth
  | Character  (** a text of one character *)
  | Text
  | Fraction
  | Grid  (** a list of rows of colors, all equally long *)
  | Drawing of drawing
  | Symbol of string list  (** one of these texts *)
  | Record of { fields : field list; optional : field list }
      (** an object with these keys, of those that are optional the first ones or none; or the empty record, of no key *)

(** Values that draw: nothing of them is compared but the picture. *)
and drawing = {
  nothing : Values.t;  (** draws nothing more; the value of an input that an example leaves out *)
  trace : Values.t -> string;
      (** what is drawn: equal traces give equal pictures. It charges {!Budget}, and fails where
          the drawing does *)
  picture : string -> Picture.t;  (** of a trace; takes longer than the trace *)
  side : int;  (** of a picture, in pixels *)
  tolerance : int;  (** pictures are equal whose pixels differ by no more *)
}

type t = { name : string; form : form }

(** How a text of a type is written as a term. *)
type spelling = {
  empty : string;  (** the primitive that is the empty text *)
  character : string -> string option;  (** the one that is a text of this character *)
  join : string;  (** the one that puts a text after another *)
}

val general : t list
(** Those that belong to no domain. *)

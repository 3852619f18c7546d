(** Names that stand for themselves, whatever a library has: integers as [-?[0-9]+], and texts as JSON strings.

    White space and parentheses end a name, so the text of a literal writes them as escapes: ["a\u0020b"]. *)

type t =
  | Integer of int
  | Text of string
  | Beyond_63_bits  (** an integer *)

val of_name : string -> t option
(** What a name stands for, [None] if it is no literal. *)

val typed : string -> Types.t option
(** The type of a literal; an error of kind [Type] for an integer beyond 63 bits. *)

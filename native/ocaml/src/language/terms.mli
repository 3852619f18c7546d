(** λ-terms: de Bruijn variables, n-ary application, inlined abstractions, and
    the reader of their text. The syntax is DreamCoder's. *)

type t =
  | Variable of int
  | Name of string
  | Lambda of t
  | Application of t * t list
  | Inlined of t  (** [#(…)], an abstraction written out where it is used; closed *)

exception Syntax_error of string

val deepest : int
(** Terms may be nested so deeply. *)

val of_string : string -> t
(** @raise Syntax_error *)

val to_string : t -> string
val write : Buffer.t -> t -> unit

val is_integer : string -> bool
(** Whether a token reads as an integer, [-?[0-9]+]. *)

val is_name : string -> bool
(** Whether a production of this name can be written in a term and read back. *)

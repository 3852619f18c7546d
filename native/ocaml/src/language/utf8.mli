(** UTF-8: the characters of a text, and texts that are none. Written by hand,
    because Debian 12's OCaml 4.13 has no [String.is_valid_utf_8] and no decoder. *)

val length_at : string -> int -> int
(** The bytes of the well-formed character at a position, 0 when there is none. *)

val is_valid : string -> bool

val repaired : string -> string
(** The text with U+FFFD for each byte that belongs to no character. *)

val count : string -> int
(** How many characters a well-formed text has. *)

(** Arguments that are never worth enumerating, because a program of less cost
    always means the same (or always fails): [(car (cons a b))], [(+ a 0)]. The
    peers' searches leave out just these, and published counts of programs are
    counts without them. They change no probability: what is left out stays in
    the normalization. *)

type position = Any | At of int
type t

val make : string -> position -> string list -> t
(** [make production argument heads]: no argument of [production] at that position
    begins with one of [heads]. *)

val heads_at : t list -> string -> int -> string list
(** The heads that a table leaves out of the argument of a production at a position. *)

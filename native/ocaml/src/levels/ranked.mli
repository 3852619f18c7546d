(** The terms of a stratum, by size and on demand: of those with the same fingerprint the first one is kept. A term is
    known by its rank, from 0. *)

type t

val create : Library.t -> Assembly.t -> Stratum.members -> tick:(unit -> unit) -> t
(** [tick] is called for each term that is made, and may raise an exception, after which it must not be used again. *)

val reach : t -> int -> bool
(** Whether there are so many terms, after making what is missing. *)

val count : t -> int
(** Terms made so far. *)

val node : t -> int -> Holes.node
val value : t -> int -> Values.t

val accepts : t -> int -> string -> bool option
(** Whether a term accepts a text as a whole; [None]: fingerprints do not tell. *)

val first_accepting : t -> from:int -> (string * bool) list -> int option
(** The first of the terms made so far, from a rank on, that accepts the texts with true and not those with false; [None] also
    where fingerprints do not tell. *)

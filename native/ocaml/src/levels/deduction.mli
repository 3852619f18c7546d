(** Solving a program in parts: what the outputs of all or some of the examples must be made
    of, beside the inverses of {!Goals}. It is tried again whenever the search has made more
    terms; nothing depends on the clock. *)

type t

val create : Round.t -> examples:int -> t option
(** For a task with so many examples; [None] if no primitive of the library has a part in it. *)

val run : t -> level:int -> found:(Holes.node -> unit) -> unit
(** After all programs of at most this level were tested: if it is time again, the banks are filled to at most this
    level, and [found] gets programs that should be right on the signature. What [found] raises ends it. *)

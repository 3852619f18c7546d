(** Texts with parts that are not known yet. They are texts like others, with bytes that no well-formed text has, so that
    primitives which only move and join texts work on them as they are. An unknown literal is one byte; a choice stands
    for one of two texts, as a condition decides that is a function of a key.

    The choices made since the last {!reset} belong to the one search that is running. *)

val unknown : string
(** A literal, the same one wherever it stands. *)

val either : Values.t -> Values.t -> Values.t -> Values.t
(** [either key yes no]: the first text if a condition is true of the key, a text, else the second: a choice, unless they
    are equal. @raise Values.Failed of other values, and when there are too many choices. *)

val chooser : Primitive.t
(** {!either} in compiled code. *)

val is_known : string -> bool
(** Whether a text has no such part. *)

val holds : Values.t -> bool
(** Whether a text, or a text within lists, has such a part. *)

val begins : string -> string -> bool
(** Whether what is known at the beginning of a text is what the other text begins with. *)

val ends : string -> string -> bool

val reset : unit -> unit

type binding = { literal : string option; decisions : (string * bool) list  (** by key *) }

val bind : fuel:int -> longest:int -> (string * string) list -> accept:(binding -> bool) -> bool
(** [bind texts ~accept] looks for what makes each text the wanted one beside it, by backtracking: [accept] is called for each way that
    there is, until it returns true. A literal has at most [longest] bytes; [fuel] bounds the comparisons. *)

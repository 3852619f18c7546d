(** From terms to code: names are found in the library, whose abstractions are
    compiled once, before the first program that uses them. *)

type t
(** A library's names. *)

val library : Library.t -> t
(** All of its productions, which {!Library.check} must have seen. *)

val term : t -> Terms.t -> Code.t

type head

val head : t -> string -> head
(** @raise Failure.Error for a name that is neither in the library nor a primitive. *)

val apply_head : head -> Code.t list -> Code.t

val closed : t -> Terms.t -> Code.t list -> Code.t
(** An inlined abstraction, applied. *)

val apply : t -> Terms.t -> Code.t list -> Code.t
(** A head, a name or an inlined abstraction, applied. *)

val with_names : t -> t
(** The same names, to which more can be added. *)

val add_name : t -> string -> Code.t -> unit
(** A name for code without an environment, that no text of a term can have. *)

val strip_lambdas : Terms.t -> int * Terms.t
(** The lambdas at the front, and what is under them. *)

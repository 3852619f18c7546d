(** A library: productions with types, weights and, for learned abstractions,
    definitions; and the weights of contextual grammars (DreamCoder's bigram
    grammars). *)

type production = {
  name : string;
  ty : Types.t;  (** canonical *)
  definition : Terms.t option;
}

type weights = {
  of_productions : float array;  (** log weights by production; −∞: never proposed *)
  of_variables : float;
}

(** Which weights apply where a hole stands. *)
type contexts =
  | Same of weights
  | By_parent of { start : weights; variable : weights; arguments : weights array array }

type t = private {
  productions : production array;
  contexts : contexts;
  continuation : Types.t option;
      (** at a hole of this type only the innermost variable of just that type is tried *)
  index : (string, int) Hashtbl.t;  (** productions by name *)
}

val make : ?continuation:Types.t -> production array -> contexts -> t
(** The weights must be as many as the productions. @raise Failure.Error if two
    productions have the same name. *)

val with_contexts : t -> contexts -> t
(** The same productions with other weights. *)

val find : t -> string -> int option
(** The position of a production. *)

val type_of_name : t -> string -> Types.t option

val check : evaluated:bool -> t -> unit
(** Checks each definition against its declared type and, when its programs are to
    be [evaluated], that every production is implemented with the type declared.
    @raise Failure.Error *)

(** A program as the derivation that the grammar would make it by: η-long, one node
    for each hole. Programs that the grammar would not make can be read too, as long
    as they are well typed and β-normal: what is missing in them is η-expanded;
    literals and inlined abstractions stay as they are, with a prior of zero. *)

type head =
  | Grammatical of Holes.head
  | Literal of string  (** an integer that the library does not list *)
  | Written of Terms.t  (** an inlined abstraction *)

type t = private {
  lambdas : int;
  head : head;
  arguments : t list;
  size : int;  (** nodes, itself included *)
}

val node : int -> head -> t list -> t
(** [node lambdas head arguments] *)

val equal : t -> t -> bool
(** Much faster than the polymorphic equality. *)

val of_drawn : Holes.node -> t
val to_string : Library.t -> t -> string

(** {1 Reading} *)

(** Where a node stands. *)
type site = private {
  context : int;
  ty : Types.t;  (** with the lambdas *)
  scope : Types.t list;  (** outside of them *)
}

type program = private {
  root : t;
  sites : site array;  (** of all nodes, in pre-order; final where nothing is polymorphic *)
  monomorphic : bool;
}

val of_term : Grammar.t -> Types.t -> Terms.t -> program
(** A program of the requested type. @raise Failure.Error with what is wrong with it. *)

val site : Grammar.t -> Types.t -> program -> int -> site
(** What surrounds the node of this number asks of it, and of nothing more: the site
    that is left when the node is taken out, under the principal typing of the rest. *)

val log_prior : Completions.t -> Holes.next -> t -> float
(** The log prior, summed as a draw sums it; −∞ for what the grammar does not make. *)

(** {1 Parts} *)

val part : t -> int -> t
(** The part that is the node of this number, in pre-order, and all below it. *)

val replace : t -> int -> t -> t

(** {1 Typing a part elsewhere} *)

exception Misfit

val head_type : Library.t -> Types.context -> Types.t list -> head -> Types.t
(** The type of a head in a scope. *)

val applied :
  Types.context -> where:(unit -> string) -> Types.t -> 'a list -> Types.t list * Types.t
(** The parameters of a function for so many arguments, and its result.
    @raise Failure.Error if there are too many. *)

val below : Types.context -> Types.t list -> Types.t -> int -> Types.t list * Types.t
(** The scope and type below so many lambdas. @raise Misfit *)

(** The grammar over ground types: type variables range over a finite universe, and costs
    are whole units, so that a term costs more than each of its parts. *)

val units_per_nat : int

val units : float -> int
(** Of nats, rounded; at least 1. *)

type t

type width = Small | Wide

val create : Grammar.t -> request:Types.t -> width -> t
(** The small universe has the ground types that the library's types and the request
    mention, the wide one also lists of these. *)

type argument = { parameters : Types.t list; return : Types.t; context : int  (** whose weights apply *) }
type instance = { production : int; arguments : argument list }

type choices = {
  instances : (instance * int) list;  (** with their own costs *)
  variables : (int * int) list;  (** de Bruijn indices with their costs; functions need arguments *)
}

val choices : t -> context:int -> Types.t -> scope:Types.t list -> choices
(** What a term of this type can begin with; [scope] has the innermost first. *)

val arguments_of_variable : t -> Types.t -> argument list

val start : t -> int
(** The context of a whole program. *)

(** {1 Weights that depend on the context}

    What a term can begin with is numbered: first all variables together, and then each production with all its
    instances. *)

val is_contextual : t -> bool

val heads : t -> Types.t -> scope:Types.t list -> int list * instance list list
(** Variables, and the instances of each production that has a weight in some context. *)

val costs_of_heads : t -> context:int -> Types.t -> scope:Types.t list -> int array
(** By their numbers; {!unreachable} where the context never has them. *)

val compared_heads : t -> Types.t -> scope:Types.t list -> int array array * int array
(** By two heads: what the first costs more than the second in some context in which the type can stand, at most; and by
    head what it costs in the mean. *)

val contexts_of : t -> Types.t -> int list
(** In which a term of this type can stand. *)

val least_known : t -> int -> Types.t -> int
(** In a context no term of the type costs less, whatever variables there are. *)

val unreachable : int
(** More than any term costs. *)

val least_with : t -> context:int -> Types.t -> scope:Types.t list -> int
(** No term of the type costs less with these variables in scope; {!unreachable} if there
    is no term. By a least fixpoint over the types, in which arguments may have any scope. *)

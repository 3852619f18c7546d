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

type argument = { parameters : Types.t list; return : Types.t }
type instance = { production : int; arguments : argument list }

type choices = {
  instances : (instance * int) list;  (** with their own costs *)
  variables : (int * int) list;  (** de Bruijn indices with their costs; functions need arguments *)
}

val choices : t -> Types.t -> scope:Types.t list -> choices
(** What a term of this type can begin with; [scope] has the innermost first. *)

val arguments_of_variable : Types.t -> argument list

val unreachable : int
(** More than any term costs. *)

val least_with : t -> Types.t -> scope:Types.t list -> int
(** No term of the type costs less with these variables in scope; {!unreachable} if there
    is no term. By a least fixpoint over the types, in which arguments may have any scope. *)

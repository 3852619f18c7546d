(** The typed grammar as a graph, built on demand: a hole is a canonical (context,
    return type, types of the variables in scope); its choices, with their costs
    and the holes of their arguments, are worked out once. This is how DreamCoder
    types and weighs a hole; keeping the answers is what makes a search fast.

    Filling a hole may decide type variables that it shares with its surroundings.
    What it decided is a {!substitution}; arguments after it depend on no more. *)

(** {1 Programs} *)

type head =
  | Production of int
  | Local of int  (** a variable in scope, de Bruijn *)

val literal_hole : head
(** A text of a sketch that is not known yet: see {!Symbolic}. *)

val condition_hole : head
(** A condition of a sketch that is not known yet, the first argument of a conditional. *)

(** A program of the enumeration: η-long, β-normal. *)
type node = {
  lambdas : int;
  head : head;
  reversed_arguments : node list;
  mutable code : Code.t option;  (** compiled when first evaluated *)
}

val to_string : Library.t -> node -> string

(** {1 The graph} *)

type substitution = private {
  id : int;  (** equal for equal substitutions of a graph *)
  types : Types.t list;  (** for each variable of the hole; canonical *)
  variables : int;  (** how many variables these have *)
}

(** Where a hole stands among its parent's arguments. *)
type site = {
  context : int;  (** which weights apply *)
  excluded : int list;  (** productions that are redundant there; they keep their probability *)
  use : int;  (** the {!Equivalence.use} of the argument, if terms are merged; else negative *)
}

type hole = private {
  number : int;  (** in its graph, from 0 *)
  site : site;
  return : Types.t;  (** no arrow *)
  environment : Types.t list;  (** innermost first *)
  variables : int;
  mutable choices : choice array;  (** see {!val-choices} *)
  mutable least : Cost.t;  (** no filling costs less; rises as the search learns *)
}

and choice = private {
  head : head;
  cost : Cost.t;
  log_weight : float;
  leaf : node;  (** the filling itself when there are no arguments *)
  arguments : arguments;
  initial_bound : Cost.t;
  mutable bound : Cost.t;  (** no such filling costs less; rises too *)
}

(** The arguments still to fill. *)
and arguments =
  | Done of substitution
  | Next of next

and next = private {
  lambdas : int;
  hole : hole;
  rest_least : Cost.t;  (** of the arguments after this one, when they depend on it *)
  independent : arguments Lazy.t option;  (** when nothing else depends on this one *)
  mutable dependent : (int, arguments) Hashtbl.t;  (** by substitution *)
  pending : pending;
  mutable completion : completion;
}

(** What is known of the fewest nodes that fill this argument and those after it. *)
and completion =
  | Least of { nodes : int; decided : substitution }
  | More of int  (** than so many nodes, or never *)

(** What is left of a choice's typing, over the choice's own variables. *)
and pending = private {
  rest : (site * Types.t) list;  (** the arguments that follow *)
  scope : Types.t list;
  exports : Types.t list;  (** what the variables of the hole filled have become *)
  of_hole : int array;  (** the variable that each variable of [hole] stands for *)
}

type t

val create : ?redundant:bool -> ?merged:bool -> Grammar.t -> t
(** [redundant], false by default: whether redundant arguments are made, too; [merged], false by default: whether
    sites tell how a primitive uses an argument, and bodies that do nothing are left out. *)

val grammar : t -> Grammar.t

val size : t -> int
(** The holes made so far. *)

val root : t -> Types.t -> next
(** The arguments of an invisible root: one hole of the requested type. *)

val hole : t -> site -> Types.t -> Types.t list -> hole
(** The hole of a canonical return type and environment. *)

val somewhere : site
(** A site at which nothing is redundant. *)

val choices : t -> hole -> choice array
(** The ways to fill a hole, by least cost. Those that nothing can complete are left out. *)

val with_arity : t -> hole -> int -> arguments list
(** The arguments of the choices that have so many, variables by index before productions by number, without those
    that nothing can complete. A hole has many more choices than the few with the fewest arguments. *)

val nothing_decided : t -> substitution
(** By what fills a hole without type variables. *)

val after : t -> next -> substitution -> arguments
(** The arguments after one that was filled and decided so much. *)

(** {1 Bounds} *)

val least_of_rest : next -> Cost.t
(** No way of filling the arguments after this one costs less. *)

val raise_bound : choice -> Cost.t -> unit
(** No filling with this choice costs less. *)

val raise_least : hole -> unit
(** Learns from the bounds of a hole's choices. *)

val learn_completion : next -> completion -> unit

(** The terms kept by a search, in banks: one for each nonterminal, which is a ground type
    and the types of the variables in scope. A bank lists its terms by cost, and has each
    vector of values on the probes once. *)

(** How a term's value comes from those of its arguments. *)
type operation =
  | Read of int  (** a variable, counted from the outermost *)
  | Constant of Values.t
  | Unary of (Values.t -> Values.t)
  | Binary of (Values.t -> Values.t -> Values.t)
  | Ternary of (Values.t -> Values.t -> Values.t -> Values.t)
  | Quaternary of (Values.t -> Values.t -> Values.t -> Values.t -> Values.t)
  | Conditional
  | Unknown  (** a text that is not known yet *)
  | Choice  (** one of two texts by a condition that is not known yet, which is no slot of its rule *)
  | Code of Code.t  (** run with the arguments as its variables, the last innermost *)

type environment = {
  types : Types.t list;  (** outermost first *)
  depth : int;
  probes : Probes.t Lazy.t;
  mutable banks : (Types.t * t) list;
  mutable inner : (Types.t list * environment) list;  (** by the parameters that were added *)
}

and t = {
  ty : Types.t;
  environment : environment;
  least : int;  (** no term costs less, in units *)
  mutable rules : rule array option;  (** once expanded *)
  mutable width : int;  (** probes; 0 where terms cannot be compared and all are kept *)
  mutable arity : int;  (** of the widest rule *)
  mutable count : int;
  mutable values : Bytes.t;  (** 32 bits for each term and probe *)
  mutable terms : Bytes.t;  (** 32 bits each: the rule and the terms of its arguments *)
  mutable nodes : Holes.node array;  (** of the terms that were needed as programs *)
  mutable table : int array;  (** terms by the hash of their values, plus one; 0: none *)
  mutable ends : int array;  (** by cost: how many terms cost at most that *)
  mutable costs : int array;  (** those that terms have, ascending, and then zeros *)
  mutable levels : int;  (** how many of them there are *)
  mutable filled : int;  (** all terms of at most this cost are there *)
  ranked : Ranked.t option;  (** a stratum, whose terms these are *)
  place_mask : int;  (** of a probe, gives the place of its value: 0 where all probes have the same one *)
  mutable marks : Bytes.t;  (** of each term; empty where nothing is marked *)
  mutable heads : runs array;  (** by number, where weights depend on the context; else none *)
  mutable excess : int array array;
      (** by two heads: what the first costs more than the second in some context, at most *)
}

(** The levels that have terms of a head, with the rows. *)
and runs = { mutable at : int array;  (** ascending, and then zeros *) mutable rows : (int * int) array; mutable length : int }

and rule = {
  head : Holes.head;
  cost : int;  (** in units, at least 1; 1 where weights depend on the context, and its slot tells the rest *)
  operation : operation;
  slots : slot array;
  order : int array;  (** in which slots are filled *)
  commutative : bool;
  inverse : Primitive.inverse option;
  role : Primitive.role option;
  varying : int option;  (** the slot in which nothing constant is wanted *)
  staged : Primitive.staged option;  (** its last slot is filled last *)
  gives : int;  (** the marks that its terms have beside those of their arguments *)
  number : int;  (** of its head *)
  price : int;  (** about what it costs; the same as [cost] where weights do not depend on the context *)
}

and slot = {
  bank : t;
  lambdas : int;
  takes : int;  (** the marks that its terms may have *)
  context : int;
  offsets : int array;
      (** by head: what a term costs there beside the cost in its bank; none where weights do not depend on the context *)
  least_there : int;  (** no term costs less there, where they do *)
}

val plain_rule : Holes.head -> cost:int -> operation -> slot array -> order:int array -> rule
(** Of which nothing else is known. *)

val create : Types.t -> environment -> least:int -> t
(** Neither expanded nor filled. *)

val of_ranked : Ranked.t -> Types.t -> environment -> t
(** The terms of a stratum, to be added by {!add_ranked}. *)

val add_ranked : t -> Store.number -> unit
(** The term of the next rank, with its value. *)

val expand : ?excess:int array array -> t -> rule array -> unit
(** With [excess], weights depend on the context: terms are listed by the cost of their arguments, one more, and one of
    each head may be kept for a vector of values. *)

val least_of : slot -> int
(** No term costs less in the slot. *)

(** {1 Terms} *)

val none : int
val literal : int
(** The mark of what has an unknown text. *)

val choice : int
(** The mark of what has a choice. Marks are bits. *)

val any : int

val marks_of : t -> int -> int

val mark : t -> int -> unit
(** Marks the term that was added last, as all terms of the bank must be. *)

val value : t -> int -> int -> Store.number
(** [value bank term probe] *)

val rule_of : t -> int -> int
val argument : t -> int -> int -> int

val node : t -> int -> Holes.node
(** The term as a program, made once. *)

val node_of : rule -> int array -> Holes.node
(** Of a rule and the terms of its arguments. *)

val application : rule -> Holes.node list -> Holes.node
(** Of a rule and its arguments, which get the lambdas that their slots have. *)

val cost : t -> int -> int
(** Of a term whose level is closed. *)

val price : t -> int -> int
(** About what a term costs. *)

val run : runs -> int -> int * int
(** The terms of a head with just this cost in the bank, as by {!range}. *)

val range : t -> int -> int * int
(** The first term of just this cost, which has been filled, and the first one after it. *)

val close_level : t -> int -> unit
(** All terms of this cost are there. *)

(** {1 Observational equivalence} *)

val find : t -> Store.number array -> int option
(** The term with such values. *)

val add : t -> rule:int -> int array -> Store.number array -> bool
(** Keeps a term, unless there is one with the same values already: [false]. *)

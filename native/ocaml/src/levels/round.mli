(** One round of the search for a task: terms by cost, in banks that are filled on demand,
    with values on the probes that a signature of the task's examples gives. *)

(** What all rounds of a task count together. *)
type counts = {
  mutable tried : int;  (** terms made *)
  mutable kept : int;  (** those with values that no cheaper term of their bank has *)
  mutable cut_by_steps : int;  (** evaluations on a probe *)
  mutable cut_by_size : int;
}

type t

(** What a round of sketches is about: programs with parts that are found from the examples. *)
type sketching = {
  is_literal : Types.t -> bool;  (** types whose texts are written as terms *)
  texts : string list;  (** in which the terms of a stratum are told apart *)
  known_strata : (string * Ranked.t) list;  (** of an earlier round with the same texts *)
  most_ranked : int;  (** terms of a stratum *)
  most_kept : int;  (** dearer terms are made, but not kept, unless they come from a stratum *)
}

val create :
  ?sketching:sketching ->
  Ground.t ->
  Assembly.t ->
  Compile.t ->
  Library.t ->
  request:Types.t ->
  signature:(Values.t array * Values.t) list ->
  probes:int ->
  limits:Evaluation.limits ->
  counts:counts ->
  tick:(unit -> unit) ->
  t
(** [probes] below a lambda, at most; [limits] are for one operation on values that are
    there already; [tick] is called for each term and may raise an exception, after which
    the round must not go on. In a round of sketches there are no constants of a literal type but the empty one and an
    unknown text; conditionals choose by conditions that are not known; and where a primitive wants a term of a stratum, its
    terms are all there is. *)

val derived : t -> Bank.slot -> signature:(Values.t array * Values.t) list -> t
(** A round of the same search for a part of the program, what fills a slot, by examples of its own. *)

val test : t -> int -> found:(Holes.node -> unit) -> unit
(** All programs of just this cost: [found] gets those right on the signature. *)

(** A term of the root that is not kept. *)
type candidate = {
  marks : int;  (** what of it is not known, as in {!Bank} *)
  value_on : int -> Values.t option;  (** on a probe *)
  to_node : unit -> Holes.node;
}

val stream : t -> int -> check:(candidate -> unit) -> unit
(** In a round of sketches, all programs of just this cost but those with parts that are dearer than what is kept. *)

val bank_of_root : t -> Types.t -> Bank.t option
(** The terms of a type with the variables of the root, if there are any. *)

val strata : t -> (string * Ranked.t) list
(** Those that terms of the root come from, by name, as far as they are made. *)

val fill : t -> Bank.t -> int -> unit
(** Makes all terms of a bank that cost at most that. *)

val root : t -> Bank.t
val target : t -> Store.number array
(** The outputs of the signature. *)

val store : t -> Store.t
val limits : t -> Evaluation.limits
val counts : t -> counts

val gives : t -> Holes.node -> Values.environment -> Values.t -> bool
(** Whether a term has just this value in an environment. *)

val is_right_on : t -> Holes.node -> int -> bool
(** Whether a term of the root's type has the wanted value on this probe. *)

val tick : t -> unit

val rules : t -> Bank.t -> Bank.rule array
(** Of a bank, which this expands. *)

val is_complete : t -> int -> bool
(** Whether there cannot be a program of more than this cost, which was tested last. *)

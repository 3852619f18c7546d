(** What a primitive is: a name, a type, and how it is computed once all its
    arguments are there. *)

type implementation =
  | Constant of Values.t
  | Unary of (Values.t -> Values.t)
  | Binary of (Values.t -> Values.t -> Values.t)
  | Ternary of (Values.t -> Values.t -> Values.t -> Values.t)
  | Quaternary of (Values.t -> Values.t -> Values.t -> Values.t -> Values.t)
  | Conditional  (** the one lazy primitive: only the branch taken is evaluated *)

type example = {
  program : string;
  inputs : string;  (** a list, as JSON *)
  value : string;  (** as JSON *)
}
(** What a program gives for inputs. *)

(** What a primitive's value says of its arguments: a search that knows the value can
    look the arguments up instead of trying them. *)
type inverse =
  | Parts of (Values.t -> Values.t list option)  (** all arguments, if the primitive can have this value *)
  | Second of {
      given_first : Values.t -> Values.t -> Values.t option;
          (** [given_first first value]: the second of two arguments *)
      smaller : bool;  (** whether that is always smaller than the value, so that it can be taken apart in turn *)
    }

(** How the values of a type are made of elements, as texts are of characters and lists of
    items. Elements are told apart by numbers. *)
type sequence = {
  elements : number:(Values.t -> int) -> Values.t -> int array;
      (** equal elements have equal numbers, for which [number] may be asked *)
  of_elements : value:(int -> Values.t) -> int array -> Values.t;  (** [value] undoes [number] *)
}

(** What a primitive does to sequences, for a search that builds a value from parts of others.
    Positions and lengths are integers and count elements from 0. *)
type role =
  | Joins of sequence  (** the second argument after the first; associative *)
  | Cuts of sequence
      (** of the first argument what begins at a position, the second: at most as many elements as the third argument
          says, one if there are two. A position is in the first argument, a length positive, or nothing is said. *)
  | Replaces of sequence
      (** the first argument with the third in place of the first occurrence of the second, if there is one *)
  | Subtracts  (** the difference of two integers *)
  | Maps of sequence  (** the function, the first argument, of each element of the second *)
  | Filters of sequence  (** the elements of the second argument for which the predicate, the first, is true *)
  | Flattens  (** the texts of a list, one after the other *)
  | Prepends  (** a list with the first argument before the elements of the second *)
  | Appends  (** the same with it after them *)

(** A primitive in two steps, for a search that tries many values of one argument. *)
type staged = {
  last : int;  (** the position of that argument *)
  start : Values.t list -> Values.t;  (** from the others, what [finish] needs; fails where the primitive always fails *)
  finish : Values.t -> Values.t -> Values.t;  (** [finish argument started] *)
}

type t = {
  name : string;
  ty : Types.t;
  implementation : implementation;
  by_need : bool array;
      (** by argument: those whose type is a function are evaluated when first applied,
          so that η-expanding an argument never changes an outcome *)
  commutative : bool;  (** of two arguments whose order does not matter *)
  inverse : inverse option;
  role : role option;
  varying : int option;
      (** the position of a truth value or predicate: where that is constant, a cheaper
          program has the same value, or there is none *)
  staged : staged option;
  transparent : bool;
      (** whether it only moves and joins texts, without looking inside: then it works on texts that are known in part.
          Unless told, what is polymorphic is *)
  strata : (int * Stratum.t) list;  (** by position, the arguments that terms of a stratum are for *)
  doc : string;  (** what it computes, in a line *)
  example : example option;
}

val make :
  ?example:example ->
  ?commutative:bool ->
  ?inverse:inverse ->
  ?role:role ->
  ?varying:int ->
  ?staged:staged ->
  ?transparent:bool ->
  ?strata:(int * Stratum.t) list ->
  doc:string ->
  string ->
  string ->
  implementation ->
  t
(** [make ~doc name type implementation]; the type must have at least as many arguments
    as the implementation takes. *)

val arity : implementation -> int
(** How many arguments it takes before it is computed. *)

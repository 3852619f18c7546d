(** Values of evaluated terms, environments, and call-by-need. Primitives see
    values only; an argument not evaluated yet lives in an environment. *)

type t =
  | Int of int
  | Bool of bool
  | Text of string  (** UTF-8; also characters and patterns *)
  | Nil
  | Cons of t * t
  | Record of record
  | Grid of Grid.t  (** also the list of its rows, to {!equal} *)
  | Positions of Cells.t  (** a set of positions, of one at least; see {!Sets} for all sets *)
  | Colored of Cells.t  (** a set of colored cells, of one at least *)
  | Set of t array  (** any other set: in order, each element once; [Set [||]] is the empty set of every type *)
  | Function of (t -> t)
  | Function2 of (t -> t -> t)  (** a curried function that takes two arguments at once *)
  | Delayed of delayed

and record = private {
  keys : string array;
  fields : t array;  (** first-order values, one for each key, never changed *)
  hash : int;  (** of the fields *)
}

and delayed = { mutable state : state }

and state =
  | Pending of { run : environment -> t; environment : environment; depth : int }
  | Forced of t

and environment =
  | Empty
  | Bind of { mutable value : t; outer : environment }

exception Failed of string
(** A program's own error. *)

val fail : string -> 'a
(** @raise Failed *)

val wrong_kind : unit -> 'a
(** A primitive met a value of another kind than its type says. Only a library
    whose declared types are wrong can bring this about. @raise Failed *)

(** {1 Evaluation} *)

val force : delayed -> t
val evaluated : t -> t
val apply : t -> t -> t
val apply2 : t -> t -> t -> t

(** {1 Data} *)

val equal : t -> t -> bool
(** Structural equality of first-order values; functions are never equal. *)

val int : int -> t
(** [Int], shared for small integers. *)

val row_of : Grid.t -> int -> t
(** A row as a list of integers. *)

val rows_of : Grid.t -> t
(** The list of a grid's rows. *)

val record : string array -> t array -> t
(** A record of first-order values, by key. *)

val of_bool : bool -> t

val rev_append : t list -> t -> t
(** [rev_append items onto]: the items, last first, in front of [onto]. *)

val reversed_elements : t -> t list
(** The elements of a list, last first. *)

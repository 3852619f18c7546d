(** Terms compiled to OCaml closures over an environment. Primitives are strict;
    arguments of abstractions, of β-redexes and of variables are delayed, so that
    rewriting a program with a library leaves its outcome as it was. *)

type shape =
  | Immediate  (** evaluating it only builds a value: lambdas, constants *)
  | Variable of int
  | Computation

type t = private {
  run : Values.environment -> Values.t;
  shape : shape;
  depth : int;  (** nested nodes outside inner lambdas: what running it needs of the stack *)
  free : int;  (** how many entries of the environment it uses; 0 when closed *)
}

val constant : Values.t -> t
val variable : int -> t

val shared : (unit -> Values.t) -> t -> t
(** Code whose value is had in another way, without an environment. *)

val lambdas : int -> t -> t

val apply : t -> t list -> t
(** A function that is not known before it is evaluated, to at least one argument. *)

val primitive : Primitive.t -> t list -> t
(** With too few arguments, a function of the others. *)

val call : closed:bool -> int -> t -> t list -> t
(** [call ~closed count body arguments]: so many lambdas around a body, applied, of
    β-redexes and of abstractions of a library. The body sees its parameters and,
    when [closed], nothing of the environment. *)

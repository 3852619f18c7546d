(** Programs as lines, as a straight-line program has them: a line applies a head to arguments that are variables, earlier
    lines, names or functions. A λ-term is read as the lines that evaluate it, with an applied lambda
    [((lambda body) value)] as a line that [body] uses; under a lambda that is not applied stand lines of their own.

    A variable or a line is a number, unique in its program, so a scope is a list of them. *)

type operand =
  | Bound of int  (** a parameter or a line *)
  | Named of Terms.t  (** a name or an inlined abstraction *)
  | Function of { parameters : int list; body : block }  (** outermost first *)

and line = { number : int; head : operand; arguments : operand list }
and block = { lines : line list; result : operand }

type t = { parameters : int list; body : block; next : int  (** a number that is free *) }

val of_term : Terms.t -> t

val to_term : t -> Terms.t
(** Without lines that nothing uses. A line used once is written where it is used, unless that is under a lambda that the
    line is not under. *)

val replace : t -> line -> before:line option -> t
(** The program with the line of this number, and another one right before it. *)

(** {1 Types} *)

(** A line with what it is made of; variables that the program leaves open are types of their own. *)
type site = {
  line : line;
  head : Types.t;
  arguments : Types.t list;
  result : Types.t;
  scope : (int * Types.t) list;  (** what may be used in its place *)
}

val sites : Library.t -> request:Types.t -> t -> site array
(** All lines that the result depends on, in order. @raise Failure.Error where the program does not fit the request. *)

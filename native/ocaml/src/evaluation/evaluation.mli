(** One evaluation of compiled code within a budget, and how it can end. *)

type outcome =
  | Value of Values.t
  | Error of string
  | Fuel
  | Memory of string

type limits = { fuel : int; size : int }

val default_limits : limits

(** {1 Programs} *)

(** Compiled once, for many inputs: the lambdas at the front and what is under
    them, or all of it. *)
type program = private { parameters : int; body : Code.t; whole : Code.t Lazy.t }

val program : int * Code.t -> program
(** Lambdas and body. *)

val program_of_term : Compile.t -> Terms.t -> program

val run_program : ?view:(Values.t -> Values.t) -> limits -> program -> Values.t array -> outcome
(** A program applied to its inputs: leading lambdas take their arguments at once. What the [view] makes of
    the value, within the same budget, is the outcome. *)

(** {1 Bodies} *)

val environment : Values.t array -> Values.environment
(** The environment in which a function's body sees its arguments. *)

val run : ?view:(Values.t -> Values.t) -> limits -> Code.t -> Values.environment -> outcome
(** A body with the environment's entries as its variables; the same steps whichever
    way the program was written, as every evaluation comes through here. *)

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

type t = {
  name : string;
  ty : Types.t;
  implementation : implementation;
  by_need : bool array;
      (** by argument: those whose type is a function are evaluated when first applied,
          so that η-expanding an argument never changes an outcome *)
  doc : string;  (** what it computes, in a line *)
  example : example option;
}

val make : ?example:example -> doc:string -> string -> string -> implementation -> t
(** [make ~doc name type implementation]; the type must have at least as many arguments
    as the implementation takes. *)

val arity : implementation -> int
(** How many arguments it takes before it is computed. *)

(** A step of local search on examples: the mutants of a program one after the other,
    until one is right on more of them. A mutant is given up as soon as it cannot make
    a difference any more. *)

type example = {
  inputs : Values.t array option;  (** [None]: not of the types that the program takes *)
  output : Values.t option;  (** [None]: what no program gives *)
}

type settings = {
  mutation : Mutation.settings;
  limits : Evaluation.limits;
  examples : example array;
  most : int;  (** mutants *)
  drift : bool;  (** let one that is as good take the program's place at once *)
}

type found = { text : string; right : int  (** on so many examples *) }

type t = {
  found : found option;
  examined : int;  (** mutants, up to and with the one found *)
  run : int;  (** the different programs among those examined *)
}

val step : Mutation.t -> Assembly.t -> settings -> seed:int -> string -> right:int -> t
(** [step mutation assembly settings ~seed program ~right]: the first mutant that is
    right on more examples than [right], on how many the program is; −1 for one that
    cannot be run at all. @raise Failure.Error with what is wrong with the program. *)

(** Terms that a search may count as one, because no program needs more than the cheapest of
    them: those of number types that have the same value, and arguments that a primitive uses in
    the same way. A search does so only if it is asked to: published counts of programs are
    counts without it. It changes no probability. *)

(** How a primitive uses an argument. *)
type use = {
  production : string;
  argument : int;
  seen : Values.t -> Values.t option;
      (** of an argument of a number type, what makes a difference; [None] if a program without the
          primitive does the same *)
  own_variable : bool;
      (** of an argument that is a function, whether its body may be just its last parameter *)
}

(** What a domain declares. *)
type t = {
  marks : string list;  (** it holds in a library with one of these primitives *)
  number_types : string list;  (** types without functions, whose terms are merged by value *)
  uses : use list;
}

val number : string -> int -> (Values.t -> Values.t option) -> use
(** [number production argument seen] *)

val body : string -> int -> use
(** [body production argument]: a function whose body must do something. *)

(** What makes an output right: equality or, of programs that draw, a picture like the one
    wanted. *)

type t = private {
  wanted : Values.t -> Values.t;  (** an output as examples give it, in the form that [fits] takes *)
  view : Values.t -> Values.t;  (** what of a program's value is compared, within the budget of its run *)
  fits : Values.t -> Values.t -> bool;  (** [fits viewed wanted] *)
  exclusive : bool;  (** whether a value fits at most one of different outputs *)
}

val exact : t

val of_type : Types.t -> t
(** Of programs that return a type. Pictures are kept from one program to the next: programs that
    draw the same are compared once. *)

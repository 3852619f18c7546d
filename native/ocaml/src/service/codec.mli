(** Values as JSON: read by their type, written as they are. *)

exception Unfit of string
(** The JSON is no value of the type, and why. *)

val read : Types.t -> Json.t -> Values.t
(** A value of a type; at a type variable any value. @raise Unfit *)

val read_inputs : Types.t list -> Json.t list -> Values.t array
(** The inputs of a program that takes these types, with those that are left out; those beyond them may be any values.
    @raise Unfit with the number of the input. *)

val left_out : Types.t list -> int -> Values.t list
(** The inputs that may be left out after so many, which draw nothing: of the types that follow, if all are
    {!Base_type.drawing}s. *)

val read_wanted : Types.t -> Json.t -> Values.t
(** What a program of a type shall give: a value or, of a drawing, the picture as a text of its pixels. @raise Unfit *)

val read_output : Types.t -> Json.t -> Values.t option
(** The same of any value that is written as this JSON, where a number without a fraction is an
    integer however it is written; [None] for JSON that no value is written as. *)

val write : Values.t -> Json.t
(** @raise Values.Failed for functions and for what is too large to write out. *)

val write_picture : side:int -> Picture.t -> Json.t

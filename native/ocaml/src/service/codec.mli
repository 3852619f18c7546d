(** Values as JSON: read by their type, written as they are. *)

exception Unfit of string
(** The JSON is no value of the type, and why. *)

val read : Types.t -> Json.t -> Values.t
(** A value of a type; at a type variable any value. @raise Unfit *)

val read_inputs : Types.t list -> Json.t list -> Values.t array
(** The inputs of a program that takes these types; those beyond them may be any values.
    @raise Unfit with the number of the input. *)

val read_output : Types.t -> Json.t -> Values.t option
(** The value of a type that is written as this JSON, or of another type, where a number
    without a fraction is an integer however it is written; [None] for JSON that no value
    is written as. *)

val write : Values.t -> Json.t
(** @raise Values.Failed for functions and for what is too large to write out. *)

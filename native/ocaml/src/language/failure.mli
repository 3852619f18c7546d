(** What can be wrong with a request, as the protocol names it. *)

type kind = Bad_request | Parse | Type | Unknown_primitive | Internal

exception Error of kind * string

val name : kind -> string
val error : kind -> ('a, unit, string, 'b) format4 -> 'a
val bad_request : ('a, unit, string, 'b) format4 -> 'a

val quoted : string -> string
(** Text that a user wrote, as part of a message: valid UTF-8, kept short. *)

val parse_type : string -> Types.t
(** @raise Error *)

val parse_term : string -> Terms.t
(** @raise Error *)

(** What several operations of the protocol read from a request and write into an
    answer. Functions that read raise {!Failure.Error}. *)

type json = Json.t

(** {1 Reading} *)

val request_of : json -> Types.t
val prepared_of : json -> Prepared.t

val grammar_of : json -> Grammar.t
(** The library's grammar, with the request's own [weights] if there are any. *)

val mutation_of : json -> Mutation.t
(** With the same weights. *)

val limits_of : json -> Evaluation.limits
val seed_of : json -> int
val max_depth_of : default:int -> json -> int

(** {1 Writing} *)

val log_prior : float -> json
(** −∞ is written as null; zero without its sign. *)

val error_json : ?fields:(string * json) list -> Failure.kind -> string -> json
(** What stands in the field [error]. *)

val wrong : Failure.kind -> string -> json
(** An error that is the result for one program. *)

val results : json list -> json

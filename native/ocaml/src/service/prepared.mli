(** What is worked out once for a library and kept for the requests that follow: a
    local search sends the same one again and again, and a search guided by a
    network the same one with other weights. It changes no answer, since a
    library's answers are functions of the library and the weights alone.

    The last library is kept in a global of the process: right for one request at a
    time, and a wall for serving requests in several domains of OCaml 5. *)

type t

val of_json : Json.t -> t
(** The library of a request, checked; free where it is the last one's JSON,
    unless memory is short (see {!Memory}).
    @raise Failure.Error *)

val library : t -> Library.t

val compiled : t -> Compile.t
(** @raise Failure.Error where a production is not implemented with its type. *)

val line_mutation : t -> Line_mutation.t
(** What mutation of lines knows of the library. *)

val grammar : t -> weights:Json.t option -> Grammar.t
(** The library's grammar, with these weights in the place of its own. The last few
    weights are kept. @raise Failure.Error *)

val mutation : t -> weights:Json.t option -> Mutation.t
(** What mutation and draws within a size know of that grammar. @raise Failure.Error *)

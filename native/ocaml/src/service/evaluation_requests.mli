(** The operations [primitives], [infer] and [evaluate]: a request as JSON, its
    answer as JSON. @raise Failure.Error *)

val primitives : unit -> Json.t
val infer : Json.t -> Json.t
val evaluate : Json.t -> Json.t

(** Libraries and weights as requests carry them. *)

val read : Json.t -> Library.t
(** A library, not yet checked. @raise Failure.Error *)

val contexts : Library.t -> Json.t -> Library.contexts
(** Weights for a library's productions, in their order: the same everywhere
    ([log_weights], [log_variable]) or by parent ([start], [variable],
    [productions]). @raise Failure.Error *)

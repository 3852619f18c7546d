(** The operations [sample], [mutate], [crossover] and [improve].
    @raise Failure.Error *)

val sample : Json.t -> Json.t
val mutate : Json.t -> Json.t
val crossover : Json.t -> Json.t
val improve : Json.t -> Json.t

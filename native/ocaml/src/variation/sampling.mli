(** Programs drawn from a grammar. Beyond the depth limit only the choices that can
    finish in the least depth are drawn from; a draw that runs into a type without
    inhabitants is begun again. *)

val sample :
  Grammar.t -> Types.t -> seed:int -> count:int -> max_depth:int -> (Holes.node * float) list
(** So many programs with their log priors. @raise Failure.Error when draws keep failing. *)

(** The operation that searches for programs from grid to grid. *)

val cover : Protocol.json -> Protocol.json
(** @raise Failure.Error *)

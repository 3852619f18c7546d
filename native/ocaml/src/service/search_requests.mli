(** The operations [enumerate], [solve] and [propose]. @raise Failure.Error *)

exception Wrong_task of { id : Json.t; message : string }
(** Something is wrong with the task of this id. *)

val enumerate : Json.t -> Json.t
(** @raise Wrong_task *)

val solve : Json.t -> Json.t
(** Searches one task by cost levels. @raise Wrong_task *)

val propose : Json.t -> exchange:(Json.t -> Json.t -> bool) -> Json.t
(** [exchange batch window_end] sends a batch and says whether to go on. *)

(** {1 Tasks of a request} *)

type task

val task_of : int -> Json.t -> task
(** Of its position among the tasks. *)

val examples_of : task -> request:Types.t -> Json.t -> Search.example list
(** @raise Wrong_task *)

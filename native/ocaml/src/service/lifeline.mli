(** The machine's tie to the process that started it. *)

val end_with_parent : unit -> unit
(** From now on the process ends within about a second of its parent, whatever ends
    the parent and whatever the machine is doing. Call it once, at the start. *)

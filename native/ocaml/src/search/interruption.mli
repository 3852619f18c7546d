(** When a search has to end before its budget does: a wall-clock limit, the bound
    on memory, or an interrupt (SIGINT), on which a search answers with what it has found. An
    interrupt at any other time ends the process. *)

val install : unit -> unit
(** Begins to handle interrupts. *)

val during_search : seconds:float -> (is_over:(unit -> bool) -> 'a) -> 'a
(** Runs a search, which must end once [is_over ()]. Asking is cheap; the clock is
    read only when there is a limit. *)

(** How much memory the process may use: a search ends at the bound as at any other
    budget, and what is kept from one request to the next is dropped beyond half of it. *)

val bound : mebibytes:int -> unit
(** Sets the bound on the heap; without it there is none. *)

val is_exceeded : unit -> bool
(** Whether the heap is larger than the bound. Asking is cheap: most answers are [false] unseen. *)

val is_full : unit -> bool
(** Whether it is, looked at. *)

val is_crowded : unit -> bool
(** Whether it is larger than half of that. *)

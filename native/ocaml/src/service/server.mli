(** Requests line by line, answers line by line. Nothing in a request ends the
    process: what is wrong with it is the answer. *)

val serve : in_channel -> out_channel -> unit
(** Until the end of the input, or until nobody reads the answers any more. *)

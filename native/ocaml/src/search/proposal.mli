(** An enumeration whose programs run elsewhere: they are sent in batches, window
    after window. *)

type settings = {
  step : Cost.t;  (** the width of a window *)
  bound : Cost.t;  (** exclusive *)
  most_programs : int;
  seconds : float;  (** by the wall clock *)
  batch : int;  (** programs of a batch at most, at least 1 *)
}

type status =
  | Exhausted
  | Budget
  | Stopped  (** by the receiver *)

type result = {
  programs : int;
  complete : Cost.t;  (** all programs that cost less have been sent *)
  status : status;
}

val run :
  settings ->
  Grammar.t ->
  Types.t ->
  send:((string * Cost.t) list -> window_end:Cost.t option -> bool) ->
  result
(** [send batch ~window_end] passes programs on and says whether to go on.
    [window_end] is the cost below which everything has been sent if the batch ends
    a window; such a batch may be empty. Windows without programs send nothing. *)

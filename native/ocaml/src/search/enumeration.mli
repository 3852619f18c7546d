(** Programs in windows of cost, depth first: DreamCoder's budgeted search, with
    admissible bounds on what is still open, so that it hardly ever enters a branch
    without a program. What a search learns about the least cost of a hole is kept,
    as IDA* does with a transposition table. *)

type t

exception Stop
(** Raised by what a search calls, to end it. *)

val create : ?tick:(unit -> unit) -> ?merging:Merging.t -> Holes.t -> t
(** [tick] is called now and then; it may raise {!Stop}. With [merging], of a graph whose sites tell uses, of the
    terms of a number type only the cheapest of each value are made, in order of cost. *)

val deepest : int
(** Programs nested deeper than this are left out; they only arise when some choice
    is all but free. *)

type ended =
  | Exhausted  (** there are no more programs *)
  | Reached  (** the bound *)
  | Stopped

val windows :
  t ->
  Holes.next ->
  step:Cost.t ->
  bound:Cost.t ->
  (Cost.t -> Holes.node -> unit) ->
  window_end:(Cost.t -> bool) ->
  ended * Cost.t
(** Goes through the windows of width [step] below [bound]. The function sees each
    program once, with its cost; after each window [window_end] gets the window's
    end and says whether to go on. Returns how the search ended, and below which
    cost it was complete. *)

val expansions : t -> int
(** The holes expanded so far. *)

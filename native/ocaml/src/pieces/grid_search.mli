(** The search for programs from grid to grid: states of all demonstrations and tests at once, step by step deeper, and
    pieces among them laid over each other. Everything but an end by the clock, by memory or by an interrupt is a
    function of the task and the settings. *)

type task = {
  inputs : Image.t array;  (** of the demonstrations, then of the tests *)
  outputs : Image.t array;  (** of the demonstrations, at least one *)
}

type settings = {
  depth : int;  (** the cost of a state, at most *)
  most_answers : int;
  most_tried : int;
  exhaustive : bool;  (** to the full depth, whatever is found *)
  starts : int;  (** layers to begin a cover with, beside the one that sets most cells *)
}

type answer = {
  term : Terms.t;
  price : int;  (** the lower, the likelier to be right *)
  outputs : Grid.t array;  (** of the tests *)
}

type result = {
  answers : answer list;  (** with different outputs of the tests, best first *)
  tried : int;  (** operations *)
  kept : int;  (** states *)
  ended : bool;  (** whether nothing was left out *)
}

val run : settings -> is_over:(unit -> bool) -> Operations.t array -> task -> result

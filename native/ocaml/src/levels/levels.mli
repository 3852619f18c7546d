(** The search for one task by cost levels: cheaper terms first, equal ones merged, with
    goals solved from the examples. Everything but its end by the clock, by memory or by
    an interrupt is a function of the request: rounds change by terms tried. *)

type settings = {
  most_nats : float;  (** the costs searched; [infinity]: all *)
  most_programs : int;
  seconds : float;  (** by the wall clock *)
  limits : Evaluation.limits;  (** of a program on an example *)
  most_hits : int;
  exhaustive : bool;  (** the search goes on after these *)
  window : float;  (** nats: a search ends with the window in which it found a solution *)
  goals : bool;
  refine : int;  (** terms to try after the first solution of goals, as a cheaper one may follow *)
}

type example = { inputs : Values.t array; output : Values.t }
type status = Solved | Budget | Exhausted

type hit = {
  node : Holes.node;
  log_prior : float;
  tested : bool;  (** as every program of its cost, not found by goals *)
}

type answer = {
  status : status;
  tried : int;
  distinct : int;  (** terms kept *)
  cut_by_steps : int;  (** evaluations of a term on a probe *)
  cut_by_size : int;
  cut_by_memory : bool;
  complete : float;  (** nats: programs of less cost were searched, but for those that probes confused with cheaper ones *)
  cpu_seconds : float;
  hits : hit list;  (** best first *)
}

val contradiction : example list -> (int * int) option
(** Two examples, by position, with the same inputs and different outputs. *)

val run : settings -> Assembly.t -> Compile.t -> Completions.t -> Types.t -> example list -> answer
(** Examples that do not contradict each other, at least one. [completions] are of the
    graph with redundant arguments, whose grammar is searched; the request must have no variables. *)

(** The search for programs that solve tasks of one type: one enumeration for all
    of them, each answered as if it were alone. *)

type settings = {
  step : Cost.t;  (** the width of a window *)
  bound : Cost.t;  (** exclusive *)
  most_programs : int;
  seconds : float;  (** by the wall clock, on which nothing else depends *)
  limits : Evaluation.limits;
  most_hits : int;
      (** kept for a task, at least 1; the task ends with the window in which it has so many *)
  exhaustive : bool;  (** no task ends before the budget does *)
  merge : bool;  (** count terms as one that a domain's {!Equivalence} says are *)
}

type example = { inputs : Values.t array; output : Values.t }

(** A task with a hit is solved, however its search ended. *)
type status = Solved | Budget | Exhausted

type hit = { cost : Cost.t; node : Holes.node }

(** Of one task. *)
type answer = {
  status : status;
  programs : int;  (** enumerated until the task ended *)
  complete : Cost.t;  (** all programs that cost less have been tried *)
  cpu_seconds : float;
      (** until the task ended: at each moment the tasks under way share the time equally *)
  hits : hit list;  (** best first; of equal cost, in order of enumeration *)
}

type result = {
  programs : int;
  complete : Cost.t;
  status : status;  (** [Solved] when every task ended with its hits *)
  cpu_seconds : float;
  expansions : int;  (** holes expanded *)
  answers : answer array;  (** by task *)
}

val run : settings -> Assembly.t -> Grammar.t -> Types.t -> example list array -> result
(** [run settings assembly grammar request tasks]; [assembly] is of the grammar's
    library. Examples have as many inputs as [request] has arguments. A task whose
    examples contradict each other is never solved. Without tasks, an exhaustive
    search counts programs and another ends at once. *)

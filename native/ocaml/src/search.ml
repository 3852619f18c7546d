(* The search for programs that solve tasks of one type: one enumeration for all
   of them, each answered as if it were alone. *)

type settings = {
  step : Cost.t;
  bound : Cost.t;
  most_programs : int;
  seconds : float;  (* by the wall clock, on which nothing else depends *)
  limits : Evaluation.limits;
  most_hits : int;
  exhaustive : bool;
}

type status = Solved | Budget | Exhausted

let status_name = function Solved -> "solved" | Budget -> "budget" | Exhausted -> "exhausted"

type hit = { cost : Cost.t; order : int; node : Holes.node }

type task = {
  id : Json.t;
  examples : Judge.example list;
  unsolvable : bool;  (* its examples contradict each other *)
  mutable hits : hit list;  (* best first *)
  mutable hit_count : int;
  mutable ended : (int * Cost.t) option;  (* programs and complete cost when it was done *)
}

type result = { programs : int; complete : Cost.t; status : status; cpu_seconds : float; expansions : int }

let better a b = a.cost < b.cost || (a.cost = b.cost && a.order < b.order)

let keep most hit task =
  let rec insert room = function
    | _ when room = 0 -> []
    | kept :: others when better kept hit -> kept :: insert (room - 1) others
    | others -> hit :: List.filteri (fun i _ -> i < room - 1) others
  in
  task.hits <- insert most task.hits;
  task.hit_count <- task.hit_count + 1

let search_until ~is_over settings (library : Library.t) request ~inputs tasks =
  let started = Sys.time () in
  let graph = Holes.create (Grammar.of_library library) in
  let root = Holes.root graph request in
  let tick () = if is_over () then raise Enumeration.Stop in
  let search = Enumeration.create ~tick graph in
  let assembly = Assembly.create library in
  let judged = Array.map (fun task -> { Judge.examples = task.examples }) tasks in
  let judge = Judge.create settings.limits ~inputs judged in
  let is_active i = tasks.(i).ended = None && not tasks.(i).unsolvable in
  Judge.set_active judge is_active;
  let programs = ref 0 in
  let found cost (node : Holes.node) =
    if !programs >= settings.most_programs then raise Enumeration.Stop;
    incr programs;
    if Array.length tasks > 0 then begin
      if !programs land 63 = 0 then tick ();
      let order = !programs in
      Judge.judge judge (Assembly.body assembly node) (fun i ->
          keep settings.most_hits { cost; order; node } tasks.(i))
    end
  in
  let window_end stop =
    if settings.exhaustive then true
    else begin
      let some_done = ref false in
      Array.iter
        (fun task ->
          if task.ended = None && task.hit_count >= settings.most_hits then begin
            task.ended <- Some (!programs, stop);
            some_done := true
          end)
        tasks;
      if !some_done then Judge.set_active judge is_active;
      Array.exists (fun task -> task.ended = None) tasks
    end
  in
  let ended, complete =
    if Array.length tasks = 0 && not settings.exhaustive then (Enumeration.Stopped, 0)
    else Enumeration.windows search root ~step:settings.step ~bound:settings.bound found ~window_end
  in
  let all_done = Array.for_all (fun task -> task.ended <> None) tasks in
  let status =
    match ended with
    | Exhausted -> Exhausted
    | Stopped when all_done && not settings.exhaustive -> Solved
    | Stopped | Reached -> Budget
  in
  { programs = !programs; complete; status; cpu_seconds = Sys.time () -. started; expansions = search.expansions }

let run settings library request ~inputs tasks =
  Interruption.during_search ~seconds:settings.seconds (fun ~is_over ->
      search_until ~is_over settings library request ~inputs tasks)

(* What a task is told, given how the whole search ended. *)
let task_end result task =
  let programs, complete = Option.value ~default:(result.programs, result.complete) task.ended in
  let status =
    if task.hits <> [] then Solved else if result.status = Exhausted then Exhausted else Budget
  in
  (status, programs, complete)

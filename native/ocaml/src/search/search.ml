type settings = {
  step : Cost.t;
  bound : Cost.t;
  most_programs : int;
  seconds : float;
  limits : Evaluation.limits;
  most_hits : int;
  exhaustive : bool;
}

type example = { inputs : Values.t array; output : Values.t }
type status = Solved | Budget | Exhausted
type hit = { cost : Cost.t; node : Holes.node }
type answer = { status : status; programs : int; complete : Cost.t; hits : hit list }

type result = {
  programs : int;
  complete : Cost.t;
  status : status;
  cpu_seconds : float;
  expansions : int;
  answers : answer array;
}

(* {1 Tasks under way} *)

type task = {
  examples : Judge.example list;  (* no input twice *)
  unsolvable : bool;  (* its examples contradict each other *)
  mutable hits : (int * hit) list;  (* with the number of the program, best first *)
  mutable hit_count : int;
  mutable ended : (int * Cost.t) option;  (* programs and complete cost when it was done *)
}

let task inputs examples =
  let by_input = Hashtbl.create 16 and contradiction = ref false in
  let is_new ({ input; output } : Judge.example) =
    match Hashtbl.find_opt by_input input with
    | None ->
      Hashtbl.add by_input input output;
      true
    | Some before ->
      if not (Values.equal before output) then contradiction := true;
      false
  in
  let numbered { inputs = values; output } = { Judge.input = Inputs.number_of inputs values; output } in
  let examples = List.filter is_new (List.map numbered examples) in
  { examples; unsolvable = !contradiction; hits = []; hit_count = 0; ended = None }

let better (order, a) (order', b) = a.cost < b.cost || (a.cost = b.cost && order < order')

let keep most hit task =
  let rec insert room = function
    | _ when room = 0 -> []
    | kept :: others when better kept hit -> kept :: insert (room - 1) others
    | others -> hit :: List.filteri (fun i _ -> i < room - 1) others
  in
  task.hits <- insert most task.hits;
  task.hit_count <- task.hit_count + 1

(* {1 Searching} *)

(* What a task is answered, given how the whole search ended. *)
let answer ~programs ~complete ~status (task : task) : answer =
  let programs, complete = Option.value ~default:(programs, complete) task.ended in
  let status = if task.hits <> [] then Solved else if status = Exhausted then Exhausted else Budget in
  { status; programs; complete; hits = List.map snd task.hits }

let search_until ~is_over settings assembly grammar request tasks =
  let started = Sys.time () in
  let graph = Holes.create grammar in
  let root = Holes.root graph request in
  let tick () = if is_over () then raise Enumeration.Stop in
  let search = Enumeration.create ~tick graph in
  let inputs = Inputs.create () in
  let tasks = Array.map (task inputs) tasks in
  let judged = Array.map (fun task -> { Judge.examples = task.examples }) tasks in
  let judge = Judge.create settings.limits ~inputs:(Inputs.distinct inputs) judged in
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
          keep settings.most_hits (order, { cost; node }) tasks.(i))
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
  let programs = !programs in
  let status =
    match ended with
    | Exhausted -> Exhausted
    | Stopped when all_done && not settings.exhaustive -> Solved
    | Stopped | Reached -> Budget
  in
  {
    programs;
    complete;
    status;
    cpu_seconds = Sys.time () -. started;
    expansions = Enumeration.expansions search;
    answers = Array.map (answer ~programs ~complete ~status) tasks;
  }

let run settings assembly grammar request tasks =
  Interruption.during_search ~seconds:settings.seconds (fun ~is_over ->
      search_until ~is_over settings assembly grammar request tasks)

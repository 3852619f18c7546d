type settings = {
  step : Cost.t;
  bound : Cost.t;
  most_programs : int;
  seconds : float;
  limits : Evaluation.limits;
  most_hits : int;
  exhaustive : bool;
  merge : bool;
}

type example = { inputs : Values.t array; output : Values.t }
type status = Solved | Budget | Exhausted
type hit = { cost : Cost.t; node : Holes.node }
type answer = { status : status; programs : int; complete : Cost.t; cpu_seconds : float; hits : hit list }

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
  mutable cpu_seconds : float;  (* its share of the time until then *)
}

let task (comparison : Comparison.t) inputs examples =
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
  let numbered { inputs = values; output } = { Judge.input = Inputs.number_of inputs values; output = comparison.wanted output } in
  let examples = List.filter is_new (List.map numbered examples) in
  { examples; unsolvable = !contradiction; hits = []; hit_count = 0; ended = None; cpu_seconds = 0. }

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
  { status; programs; complete; cpu_seconds = task.cpu_seconds; hits = List.map snd task.hits }

(* Time goes to the tasks under way in equal shares, so that the shares of all
   tasks add up to the time of the search. [clock ()] is the share, so far, of a
   task that has been under way from the start. *)
let shared_clock started tasks =
  let last = ref started and share = ref 0. in
  fun () ->
    let under_way = Array.fold_left (fun count task -> if task.ended = None then count + 1 else count) 0 tasks in
    let now = Sys.time () in
    share := !share +. ((now -. !last) /. float_of_int (max 1 under_way));
    last := now;
    !share

let search_until ~is_over settings assembly grammar request tasks =
  let started = Sys.time () in
  let graph = Holes.create ~merged:settings.merge grammar in
  let root = Holes.root graph request in
  let tick () = if is_over () then raise Enumeration.Stop in
  let merging = if settings.merge then Some (Merging.create grammar.library assembly) else None in
  let search = Enumeration.create ~tick ?merging graph in
  let inputs = Inputs.create () in
  let comparison = Comparison.of_type (Types.return_of request) in
  let tasks = Array.map (task comparison inputs) tasks in
  let judged = Array.map (fun task -> { Judge.examples = task.examples }) tasks in
  let judge = Judge.create ~comparison settings.limits ~inputs:(Inputs.distinct inputs) judged in
  let clock = shared_clock started tasks in
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
      let is_done task = task.ended = None && task.hit_count >= settings.most_hits in
      if Array.exists is_done tasks then begin
        let cpu_seconds = clock () in
        let finish task =
          if is_done task then begin
            task.ended <- Some (!programs, stop);
            task.cpu_seconds <- cpu_seconds
          end
        in
        Array.iter finish tasks;
        Judge.set_active judge is_active
      end;
      Array.exists (fun task -> task.ended = None) tasks
    end
  in
  let ended, complete =
    if Array.length tasks = 0 && not settings.exhaustive then (Enumeration.Stopped, 0)
    else Enumeration.windows search root ~step:settings.step ~bound:settings.bound found ~window_end
  in
  let cpu_seconds = clock () in
  Array.iter (fun task -> if task.ended = None then task.cpu_seconds <- cpu_seconds) tasks;
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

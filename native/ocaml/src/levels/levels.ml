type settings = {
  most_nats : float;
  most_programs : int;
  seconds : float;
  limits : Evaluation.limits;
  most_hits : int;
  exhaustive : bool;
  window : float;
  goals : bool;
  refine : int;
}

type example = { inputs : Values.t array; output : Values.t }
type status = Solved | Budget | Exhausted
type hit = {
  node : Holes.node;
  log_prior : float;
  tested : bool;  (* as every program of its cost, not found by goals *)
}

type answer = {
  status : status;
  tried : int;
  distinct : int;
  cut_by_steps : int;
  cut_by_size : int;
  cut_by_memory : bool;
  complete : float;
  cpu_seconds : float;
  hits : hit list;
}

(* {1 Examples} *)

let contradiction examples =
  let inputs = Inputs.create () and first = Hashtbl.create 16 in
  let rec look position = function
    | [] -> None
    | example :: rest -> begin
      let number = Inputs.number_of inputs example.inputs in
      match Hashtbl.find_opt first number with
      | Some (before, output) when not (Values.equal output example.output) -> Some (before, position)
      | Some _ -> look (position + 1) rest
      | None ->
        Hashtbl.add first number (position, example.output);
        look (position + 1) rest
    end
  in
  look 0 examples

let without_repetitions examples =
  let inputs = Inputs.create () and met = Hashtbl.create 16 in
  let is_new example =
    let number = Inputs.number_of inputs example.inputs in
    let is_new = not (Hashtbl.mem met number) in
    Hashtbl.replace met number ();
    is_new
  in
  Array.of_list (List.filter is_new examples)

let rec size_onto size : Values.t -> int = function
  | Cons (first, rest) -> size_onto (size_onto (size + 1) first) rest
  | Text text -> size + 1 + String.length text
  | Record { fields; _ } -> Array.fold_left size_onto (size + 1) fields
  | _ -> size + 1

let size_of { inputs; output } = size_onto (Array.fold_left size_onto 0 inputs) output

(* {1 The signature} *)

(* Most programs are told from the target by few examples; a search starts with so many. *)
let first_signature = 8

(* Nodes of an example that tell nothing but an edge case. *)
let is_edge example =
  size_onto 0 example.output <= 1 && match example.output with Nil -> true | _ -> false

(* Examples from small to large, evenly, and an edge case; all of them if they are few. Small ones first. *)
let signature examples =
  let by_size = List.sort compare (List.init (Array.length examples) (fun i -> (size_of examples.(i), i))) in
  let edges, telling = List.partition (fun i -> is_edge examples.(i)) (List.map snd by_size) in
  if Array.length examples <= first_signature then telling @ edges
  else begin
    let wanted = first_signature - min 1 (List.length edges) in
    let telling = Array.of_list telling in
    let count = Array.length telling in
    let spread = List.init (min wanted count) (fun i -> telling.(i * (count - 1) / max 1 (wanted - 1))) in
    List.sort_uniq compare spread @ List.filteri (fun i _ -> i < first_signature - min wanted count) edges
  end

(* {1 The plan} *)

type stage = { probes : int; width : Ground.width; sketches : bool }

(* Where a domain's texts, patterns and conditions can be found from the examples, that is tried first. *)
let sketch_stage = { probes = 24; width = Small; sketches = true }
let first_stage = { probes = 24; width = Small; sketches = false }

(* What the first one cannot find: programs that its probes confuse with others, and those with other types. *)
let last_stage = { probes = 64; width = Wide; sketches = false }

(* The sketches get this share of all terms, and no more than so many where there is no limit. *)
let sketch_share = 0.8
let most_sketches = 30_000_000

(* The last stage gets this share of all terms: an earlier restart finds less, as it goes less deep. *)
let last_share = 0.1

(* A second of the time allowed counts as so many terms when the stages are planned, whatever
   the machine's speed: a faster one begins anew with more. *)
let terms_a_second = 600_000

let most_terms settings =
  let by_time = settings.seconds *. float_of_int terms_a_second in
  if by_time < float_of_int settings.most_programs then int_of_float by_time else settings.most_programs

(* {1 Searching} *)

exception Over  (* the budget *)
exception Stage_over
exception Enough  (* hits *)
exception Restart  (* with one more example in the signature *)

type search = {
  settings : settings;
  assembly : Assembly.t;
  compiled : Compile.t;
  completions : Completions.t;
  request : Types.t;
  examples : example array;
  environments : Values.environment array;
  counts : Round.counts;
  is_over : unit -> bool;
  mutable signature : int list;
  mutable hits : hit list;
  mutable complete : int;  (* units *)
  mutable ticks : int;
  mutable until : int;  (* terms tried in this stage *)
  mutable enough : int;  (* terms tried, for a search whose best solution is not settled *)
}

let ticks_every = 256

let tick search () =
  if search.counts.tried >= search.settings.most_programs then raise_notrace Over;
  if search.counts.tried >= search.until then raise_notrace Stage_over;
  if search.counts.tried >= search.enough then raise_notrace Enough;
  search.ticks <- search.ticks + 1;
  if search.ticks land (ticks_every - 1) = 0 && search.is_over () then raise_notrace Over

(* An example that a program gets wrong. *)
let counterexample search node =
  let body = Assembly.body search.assembly node in
  let rec look i =
    if i = Array.length search.examples then None
    else begin
      match Evaluation.run search.settings.limits body search.environments.(i) with
      | Value value when Values.equal value search.examples.(i).output -> look (i + 1)
      | _ -> Some i
    end
  in
  look 0

let log_prior search (node : Holes.node) =
  let root = Holes.root (Completions.graph search.completions) search.request in
  Derivation.log_prior search.completions root (Derivation.of_drawn node)

(* A solution of the goals may cost more than programs not tested yet. *)
let is_settled search ~level =
  match search.hits with
  | [] -> false
  | best :: _ -> best.tested || -.best.log_prior *. float_of_int Ground.units_per_nat <= float_of_int level

let keep_hit search (node : Holes.node) ~tested =
  let library = (Holes.grammar (Completions.graph search.completions)).library in
  let text node = Holes.to_string library node in
  if not (List.exists (fun hit -> String.equal (text hit.node) (text node)) search.hits) then begin
    let hit = { node; log_prior = log_prior search node; tested } in
    let better, others = List.partition (fun kept -> kept.log_prior >= hit.log_prior) search.hits in
    search.hits <- List.filteri (fun i _ -> i < search.settings.most_hits) (better @ (hit :: others))
  end;
  if not search.settings.exhaustive then begin
    if List.length search.hits >= search.settings.most_hits && tested then raise_notrace Enough;
    if search.enough = max_int && search.settings.refine < max_int - search.counts.tried then
      search.enough <- search.counts.tried + search.settings.refine
  end

(* A program that is right on the signature. *)
let found search ~tested (node : Holes.node) =
  let node = { node with lambdas = List.length (Types.arguments_of search.request); code = None } in
  match counterexample search node with
  | None -> keep_hit search node ~tested
  | Some example when List.mem example search.signature -> ()
  | Some example ->
    search.signature <- search.signature @ [ example ];
    raise_notrace Restart

(* One operation on values that are there: a program's limits, but no more than a few times what
   the largest example has. *)
let operation_limits search : Evaluation.limits =
  let largest = Array.fold_left (fun largest example -> max largest (size_of example)) 0 search.examples in
  let { Evaluation.fuel; size } = search.settings.limits in
  { fuel = min fuel (max 3_000 (30 * largest)); size = min size (max 1_000 (10 * largest)) }

let run_level search round deduction level =
  let { settings; _ } = search in
  Round.test round level ~found:(found search ~tested:true);
  if settings.goals && level mod Ground.units_per_nat = 0 then Goals.solve round ~found:(found search ~tested:false);
  Option.iter (fun deduction -> Deduction.run deduction ~level ~found:(found search ~tested:false)) deduction;
  search.complete <- max search.complete level;
  let is_full = List.length search.hits >= settings.most_hits in
  if (not settings.exhaustive) && is_settled search ~level && (is_full || level mod Ground.units settings.window = 0) then
    raise_notrace Enough

let signature_of search = List.map (fun i -> (search.examples.(i).inputs, search.examples.(i).output)) search.signature

let run_sketches search ground stage ~most_level =
  let library = (Holes.grammar (Completions.graph search.completions)).library in
  let within before (bounds : Sketches.bounds) =
    let sketches =
      Sketches.create ?before bounds ground search.assembly search.compiled library ~request:search.request ~signature:(signature_of search)
        ~probes:stage.probes ~limits:(operation_limits search) ~counts:search.counts ~tick:(tick search)
    in
    for level = 1 to min most_level bounds.level do
      Sketches.run sketches ~level ~found:(found search ~tested:false);
      if (not search.settings.exhaustive) && is_settled search ~level then raise_notrace Enough
    done;
    Some sketches
  in
  ignore (List.fold_left within None Sketches.plan);
  Budget

let run_round search ground stage ~most_level =
  let library = (Holes.grammar (Completions.graph search.completions)).library in
  let round =
    Round.create ground search.assembly search.compiled library ~request:search.request ~signature:(signature_of search)
      ~probes:stage.probes ~limits:(operation_limits search) ~counts:search.counts ~tick:(tick search)
  in
  let deduction = if search.settings.goals then Deduction.create round ~examples:(Array.length search.examples) else None in
  let rec from level =
    if level > most_level then Budget
    else if Round.is_complete round level then Exhausted
    else begin
      run_level search round deduction level;
      from (level + 1)
    end
  in
  from 1

let rec run_stage search ground stage ~most_level =
  match if stage.sketches then run_sketches search ground stage ~most_level else run_round search ground stage ~most_level with
  | status -> status
  | exception Restart -> run_stage search ground stage ~most_level

let most_level settings =
  let units = settings.most_nats *. float_of_int Ground.units_per_nat in
  if units < 1e9 then int_of_float units else max_int

(* Both stages, with so many terms; a stage that has more to try gives [None]. *)
let run_plan search ~terms =
  let grammar = Holes.grammar (Completions.graph search.completions) in
  let most_level = most_level search.settings in
  let begun = search.counts.tried in
  let after count = if count >= max_int - begun then max_int else begun + count in
  let part share = if terms = max_int then max_int else int_of_float (share *. float_of_int terms) in
  let run stage ~until =
    search.until <- until;
    let grammar = if stage.sketches then Grammar.without_context grammar else grammar in
    let ground = Ground.create grammar ~request:search.request stage.width in
    match run_stage search ground stage ~most_level with status -> Some status | exception Stage_over -> None
  in
  if search.settings.goals && Sketches.is_possible grammar.library ~request:search.request then begin
    let terms = if terms = max_int then most_sketches else part sketch_share in
    ignore (run sketch_stage ~until:(after terms))
  end;
  let begun = search.counts.tried in
  let first = run first_stage ~until:(after (part (1. -. last_share))) in
  let beside = int_of_float (last_share /. (1. -. last_share) *. float_of_int (search.counts.tried - begun)) in
  let last = run last_stage ~until:(if terms < max_int || first = Some Exhausted then after terms else search.counts.tried + beside) in
  (first, last)

(* A plan for the time allowed that ends early is followed by one of so many times its terms, which begins anew. *)
let growth = 4

let run_stages search =
  let by_time = most_terms search.settings < search.settings.most_programs in
  let rec plan terms =
    match run_plan search ~terms with
    | None, _ | _, None when by_time -> plan (if terms > max_int / growth then max_int else growth * terms)
    | _, Some status -> status
    | _, None -> Budget
  in
  match plan (most_terms search.settings) with status -> status | exception (Over | Enough) -> Budget

(* Terms die young, and more of what lives on fits into the cache beside a small nursery. *)
let nursery_words = 1 lsl 17

let with_nursery search =
  let usual = Gc.get () in
  Gc.set { usual with minor_heap_size = nursery_words };
  Fun.protect ~finally:(fun () -> Gc.set usual) search

let run_until ~is_over settings assembly compiled completions request examples =
  let started = Sys.time () in
  let examples = without_repetitions examples in
  let counts = { Round.tried = 0; kept = 0; cut_by_steps = 0; cut_by_size = 0 } in
  let search =
    {
      settings; assembly; compiled; completions; request; examples;
      environments = Array.map (fun { inputs; _ } -> Evaluation.environment inputs) examples;
      counts; is_over; signature = signature examples; hits = []; complete = 0; ticks = 0; until = max_int; enough = max_int;
    }
  in
  let status = with_nursery (fun () -> run_stages search) in
  {
    status = (if search.hits <> [] then Solved else status);
    tried = counts.tried;
    distinct = counts.kept;
    cut_by_steps = counts.cut_by_steps;
    cut_by_size = counts.cut_by_size;
    cut_by_memory = Memory.is_full ();
    complete = (if status = Exhausted then infinity else float_of_int search.complete /. float_of_int Ground.units_per_nat);
    cpu_seconds = Sys.time () -. started;
    hits = search.hits;
  }

let run settings assembly compiled completions request examples =
  Interruption.during_search ~seconds:settings.seconds (fun ~is_over ->
      run_until ~is_over settings assembly compiled completions request examples)

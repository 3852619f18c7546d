open Bank

type deduce = level:int -> found:(Holes.node -> unit) -> unit

(* A primitive that applies a function to the elements of a list. What the function gives for each element follows
   from the list and from the value wanted, unless there is no such function. *)
type application = {
  rule : rule;
  sequences : Sequences.t;
  results : int array -> int array -> Values.t array option;  (* of the list's elements, given the wanted ones *)
  mutable seen : int;  (* rows *)
}

(* The search for a function, given the list. *)
type task = {
  application : application;
  list : int;  (* a row *)
  examples : (Values.t array * Values.t) array;
  environments : Values.environment array;
  mutable signature : int list;
  mutable round : Round.t;
  mutable deduction : deduce option;
  mutable level : int;
  mutable tried : int;
  mutable is_over : bool;
}

type t = {
  of_round : Round.t;
  applications : application list;
  deduce : Round.t -> examples:int -> deduce option;
  mutable tasks : task list;
}

(* {1 Examples of functions} *)

let mapped value list wanted = if Array.length list = Array.length wanted then Some (Array.map value wanted) else None

(* What decides on an element is the element, not its place: equal ones are wanted, or are not. *)
let filtered list wanted =
  let is_wanted element = Array.mem element wanted in
  let kept = List.filter is_wanted (Array.to_list list) in
  if kept = Array.to_list wanted then Some (Array.map (fun element -> Values.Bool (is_wanted element)) list) else None

let application_of round (rule : rule) =
  let store = Round.store round in
  let with_results sequence results = Some { rule; sequences = Sequences.create store sequence; results; seen = 0 } in
  match rule.role with
  | Some (Maps sequence) -> with_results sequence (mapped (Store.value store))
  | Some (Filters sequence) -> with_results sequence filtered
  | _ -> None

let create round ~deduce =
  match List.filter_map (application_of round) (Array.to_list (Round.rules round (Round.root round))) with
  | [] -> None
  | applications -> Some { of_round = round; applications; deduce; tasks = [] }

(* {1 Tasks} *)

(* Elements looked at, of one task. *)
let most_examples = 100

(* The values of the variables and an element, with what the function must give; [None] if there is no such function. *)
let examples_of round { rule; sequences; results; _ } row =
  let store = Round.store round and target = Round.target round in
  let bank = rule.slots.(1).bank in
  let probes = Lazy.force bank.environment.probes in
  let known = Hashtbl.create 64 in
  let add probe element result examples =
    let inputs = Array.append probes.tuples.(probe) [| element |] in
    match Hashtbl.find_opt known inputs with
    | Some known when Values.equal known result -> Some examples
    | Some _ -> None
    | None ->
      Hashtbl.add known inputs result;
      Some ((Array.map (Store.value store) inputs, result) :: examples)
  in
  let rec add_elements probe elements results i examples =
    if i = Array.length elements then Some examples
    else Option.bind (add probe elements.(i) results.(i) examples) (add_elements probe elements results (i + 1))
  in
  let rec on_probes probe examples =
    if probe = bank.width then Some examples
    else begin
      let number = Bank.value bank row probe in
      if number = Store.failed then None
      else begin
        let elements = Sequences.of_number sequences number in
        match results elements (Sequences.of_number sequences target.(probe)) with
        | Some results -> Option.bind (add_elements probe elements results 0 examples) (on_probes (probe + 1))
        | None -> None
      end
    end
  in
  let is_whole = Array.for_all (fun tuple -> not (Array.mem Store.failed tuple)) probes.tuples in
  match if is_whole then on_probes 0 [] else None with
  | Some [] | None -> None
  | Some examples ->
    let examples = Array.of_list (List.rev examples) in
    let count = Array.length examples in
    if count <= most_examples then Some examples
    else Some (Array.init most_examples (fun i -> examples.(i * count / most_examples)))

(* Evenly. *)
let first_signature = 10

let signature_of examples =
  let count = Array.length examples in
  if count <= first_signature then List.init count Fun.id
  else List.init first_signature (fun i -> i * (count - 1) / (first_signature - 1))

let round_of subtasks application examples signature =
  let signature = List.map (fun i -> examples.(i)) signature in
  let round = Round.derived subtasks.of_round application.rule.slots.(0) ~signature in
  (round, subtasks.deduce round ~examples:(Array.length examples))

let task_of subtasks application list examples =
  let signature = signature_of examples in
  let round, deduction = round_of subtasks application examples signature in
  let environments = Array.map (fun (inputs, _) -> Evaluation.environment inputs) examples in
  { application; list; examples; environments; signature; round; deduction; level = 0; tried = 0; is_over = false }

(* A function that ignores its element says no more than a constant: at least two results are needed. *)
let is_telling examples =
  let _, first = examples.(0) in
  Array.exists (fun (_, result) -> not (Values.equal first result)) examples

let most_tasks = 4

let update subtasks application =
  let bank = application.rule.slots.(1).bank in
  for row = application.seen to bank.count - 1 do
    if List.length subtasks.tasks < most_tasks then
      match examples_of subtasks.of_round application row with
      | Some examples when is_telling examples ->
        subtasks.tasks <- subtasks.tasks @ [ task_of subtasks application row examples ]
      | _ -> ()
  done;
  application.seen <- bank.count

(* {1 Searching} *)

exception Found of Holes.node
exception Restart

let counterexample task node =
  let rec look i =
    if i = Array.length task.examples then None
    else if Round.gives task.round node task.environments.(i) (snd task.examples.(i)) then look (i + 1)
    else Some i
  in
  look 0

let check task node =
  match counterexample task node with
  | None -> raise_notrace (Found node)
  | Some example when List.mem example task.signature -> ()
  | Some example ->
    task.signature <- task.signature @ [ example ];
    raise_notrace Restart

let run_level task =
  task.level <- task.level + 1;
  Round.test task.round task.level ~found:(check task);
  if task.level mod Ground.units_per_nat = 0 then Goals.solve task.round ~found:(check task);
  Option.iter (fun deduction -> deduction ~level:task.level ~found:(check task)) task.deduction;
  if Round.is_complete task.round task.level then task.is_over <- true

let restart subtasks task =
  let round, deduction = round_of subtasks task.application task.examples task.signature in
  task.round <- round;
  task.deduction <- deduction;
  task.level <- 0

(* Each task may take one of so many terms. *)
let share = 8

let advance subtasks task ~found =
  let counts = Round.counts subtasks.of_round in
  while (not task.is_over) && task.tried < counts.tried / share do
    let before = counts.tried in
    let ended =
      match run_level task with
      | () -> None
      | exception Found node -> Some node
      | exception Restart ->
        restart subtasks task;
        None
    in
    task.tried <- task.tried + counts.tried - before;
    Option.iter
      (fun node ->
        task.is_over <- true;
        let { rule; _ } = task.application in
        found (Bank.application rule [ node; Bank.node rule.slots.(1).bank task.list ]))
      ended
  done

let run subtasks ~found =
  List.iter (update subtasks) subtasks.applications;
  List.iter (advance subtasks ~found) subtasks.tasks

open Failure
open Protocol

(* {1 The budget} *)

let positive_number ~what json =
  let x = Json.number ~what json in
  if x < 0. then bad_request "%s must not be negative" what;
  x

let step_of json =
  let step = Json.with_default 1.5 positive_number "step" json in
  if step < 0.001 then bad_request "step must be at least 0.001 nats";
  Cost.of_nats step

let bound_of json =
  match Json.optional positive_number "max_cost" json with
  | Some nats -> Cost.of_nats nats
  | None -> Cost.infinite

let most_programs_of json =
  let most = Json.with_default max_int Json.integer "max_programs" json in
  if most < 0 then bad_request "max_programs must not be negative";
  most

let seconds_of json = Json.with_default infinity positive_number "timeout" json
let nats cost : json = if Cost.is_finite cost then `Float (Cost.to_nats cost) else `Null

(* {1 enumerate} *)

exception Wrong_task of { id : json; message : string }

type task = { id : json; shown : string }

let task_of position json =
  let id = Option.value ~default:`Null (Json.field "id" json) in
  let shown =
    match id with
    | `String id -> quoted id
    | `Null -> Printf.sprintf "number %d" (position + 1)
    | id -> quoted (Yojson.Safe.to_string id)
  in
  { id; shown }

let wrong_task { id; shown } format =
  Printf.ksprintf (fun why -> raise (Wrong_task { id; message = Printf.sprintf "task %s: %s" shown why })) format

let example_of task ~request i json : Search.example =
  let types = Types.arguments_of request in
  let wrong format = wrong_task task format in
  let part name =
    match Json.field name json with Some value -> value | None -> wrong "example %d has no %s" (i + 1) name
  in
  let fit what read json =
    match read json with value -> value | exception Codec.Unfit why -> wrong "example %d, %s: %s" (i + 1) what why
  in
  let inputs =
    match part "inputs" with `List inputs -> inputs | _ -> wrong "example %d: inputs must be a list" (i + 1)
  in
  let given = List.length inputs in
  let left_out = Codec.left_out types given in
  if given + List.length left_out <> List.length types then
    wrong "example %d has %d inputs, the request takes %d" (i + 1) given (List.length types);
  let input k json = fit (Printf.sprintf "input %d" (k + 1)) (Codec.read (List.nth types k)) json in
  let inputs = Array.of_list (List.mapi input inputs @ left_out) in
  (* Null is a value, too, of whatever type has it. *)
  let output =
    match json with `Assoc fields when List.mem_assoc "output" fields -> List.assoc "output" fields | _ -> part "output"
  in
  { inputs; output = fit "output" (Codec.read_wanted (Types.return_of request)) output }

let examples_of task ~request json =
  match Json.optional Json.list "examples" json with
  | None | Some [] -> wrong_task task "it has no examples"
  | Some listed -> List.mapi (example_of task ~request) listed

let most_hits_of json = Json.with_default 1 Json.positive "max_frontier" json
let is_exhaustive json = Json.with_default false Json.boolean "exhaustive" json

let search_settings json : Search.settings =
  {
    step = step_of json;
    bound = bound_of json;
    most_programs = most_programs_of json;
    seconds = seconds_of json;
    limits = limits_of json;
    most_hits = most_hits_of json;
    exhaustive = is_exhaustive json;
    merge = Json.with_default false Json.boolean "merge" json;
  }

let status_name : Search.status -> string = function
  | Solved -> "solved"
  | Budget -> "budget"
  | Exhausted -> "exhausted"

let program_json library node prior : json =
  `Assoc [ ("program", `String (Holes.to_string library node)); ("log_prior", log_prior prior) ]

let hit_json library (hit : Search.hit) = program_json library hit.node (-.Cost.to_nats hit.cost)

let answer_json library task (answer : Search.answer) : json =
  `Assoc
    [
      ("id", task.id);
      ("status", `String (status_name answer.status));
      ("programs", `Int answer.programs);
      ("max_cost", nats answer.complete);
      ("cpu_seconds", `Float answer.cpu_seconds);
      ("hits", `List (List.map (hit_json library) answer.hits));
    ]

let enumerate json : json =
  let request = request_of json in
  let prepared = prepared_of json in
  let library = Prepared.library prepared in
  let assembly = Assembly.create library (Prepared.compiled prepared) in
  let settings = search_settings json in
  let listed = Array.of_list (Json.with_default [] Json.list "tasks" json) in
  let tasks = Array.mapi task_of listed in
  let examples = Array.map2 (fun task json -> examples_of task ~request json) tasks listed in
  let result = Search.run settings assembly (grammar_of json) request examples in
  `Assoc
    [
      ("programs", `Int result.programs);
      ("max_cost", nats result.complete);
      ("status", `String (status_name result.status));
      ("cpu_seconds", `Float result.cpu_seconds);
      ("expansions", `Int result.expansions);
      ("tasks", `List (Array.to_list (Array.map2 (answer_json library) tasks result.answers)));
    ]

(* {1 solve} *)

let refine_of json =
  let refine = Json.with_default 0 Json.integer "refine" json in
  if refine < 0 then bad_request "refine must not be negative";
  refine

let levels_settings json : Levels.settings =
  {
    most_nats = Option.value ~default:infinity (Json.optional positive_number "max_cost" json);
    most_programs = most_programs_of json;
    seconds = seconds_of json;
    limits = limits_of json;
    most_hits = most_hits_of json;
    exhaustive = is_exhaustive json;
    window = Cost.to_nats (step_of json);
    goals = Json.with_default true Json.boolean "goals" json;
    refine = refine_of json;
  }

let contradiction_json (first, second) : json =
  `Assoc [ ("contradiction", `List [ `Int (first + 1); `Int (second + 1) ]) ]

let solution_json library (answer : Levels.answer) : json =
  let status = match answer.status with Solved -> "solved" | Budget -> "budget" | Exhausted -> "exhausted" in
  `Assoc
    [
      ("status", `String status);
      ("programs", `Int answer.tried);
      ("distinct", `Int answer.distinct);
      ( "cut",
        `Assoc
          [ ("steps", `Int answer.cut_by_steps); ("size", `Int answer.cut_by_size); ("memory", `Bool answer.cut_by_memory) ] );
      ("max_cost", if answer.complete = infinity then `Null else `Float answer.complete);
      ("cpu_seconds", `Float answer.cpu_seconds);
      ("hits", `List (List.map (fun (hit : Levels.hit) -> program_json library hit.node hit.log_prior) answer.hits));
    ]

let solve json : json =
  let request = request_of json in
  if not (Types.is_ground request) then bad_request "the request %s has type variables" (quoted (Types.to_string request));
  let prepared = prepared_of json in
  let library = Prepared.library prepared and compiled = Prepared.compiled prepared in
  let { Mutation.completions; _ } = mutation_of json in
  if Catalogue.drawing_of (Types.return_of request) <> None then
    bad_request "a search by levels compares values, and drawings are compared by their pictures";
  let task = Json.required "task" json in
  let examples = examples_of (task_of 0 task) ~request task in
  let levels_example ({ inputs; output } : Search.example) : Levels.example = { inputs; output } in
  let examples = List.map levels_example examples in
  match Levels.contradiction examples with
  | Some pair -> contradiction_json pair
  | None ->
    let assembly = Assembly.create library compiled in
    solution_json library (Levels.run (levels_settings json) assembly compiled completions request examples)

(* {1 propose} *)

let proposal_settings json : Proposal.settings =
  {
    step = step_of json;
    bound = bound_of json;
    most_programs = most_programs_of json;
    seconds = seconds_of json;
    batch = Json.with_default 1000 Json.positive "batch" json;
  }

let propose json ~exchange : json =
  let settings = proposal_settings json in
  let program (text, cost) : json = `List [ `String text; nats cost ] in
  let send batch ~window_end =
    exchange (`List (Json.map program batch)) (Option.fold ~none:`Null ~some:nats window_end)
  in
  let { Proposal.programs; complete; status } = Proposal.run settings (grammar_of json) (request_of json) ~send in
  let status = match status with Exhausted -> "exhausted" | Stopped -> "stopped" | Budget -> "budget" in
  `Assoc [ ("programs", `Int programs); ("max_cost", nats complete); ("status", `String status) ]

(* The operations of the protocol: a request as JSON, its answer as JSON. *)

open Failure

type json = Json.t

(* {1 What several operations read} *)

let request_of name json = parse_type (Json.required_text name json)

let prepared json = Prepared.of_json (Json.required "library" json)

let library_of ~evaluated json =
  let prepared = prepared json in
  if evaluated then ignore (Prepared.compiled prepared);
  Prepared.library prepared

let limits_of json : Evaluation.limits =
  let { Evaluation.fuel; size } = Evaluation.default_limits in
  {
    fuel = Json.with_default fuel Json.positive "fuel" json;
    size = Json.with_default size Json.positive "size" json;
  }

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

(* −0 would be printed with its sign. *)
let log_prior cost : json = `Float (if cost = 0 then 0. else -.Cost.to_nats cost)

let error_json ?(fields = []) kind message : json =
  `Assoc ([ ("kind", `String (name kind)); ("message", `String message) ] @ fields)

(* {1 primitives, infer, evaluate} *)

let primitives () : json =
  let describe (primitive : Primitive.t) : json =
    `Assoc
      [
        ("name", `String primitive.name);
        ("type", `String (Types.to_string (Types.canonical primitive.ty)));
        ("domains", `List (List.map (fun domain -> `String domain) primitive.domains));
      ]
  in
  `Assoc [ ("primitives", `List (List.map describe Catalogue.table)) ]

let infer json : json =
  let library = library_of ~evaluated:false json in
  let type_of_name = Library.type_of_name library in
  let infer program : json =
    match Inference.infer ~type_of_name (parse_term (Json.text ~what:"a program" program)) with
    | ty -> `Assoc [ ("type", `String (Types.to_string ty)) ]
    | exception Error (kind, message) -> `Assoc [ ("error", error_json kind message) ]
  in
  `Assoc [ ("results", `List (Json.map infer (Json.required_list "programs" json))) ]

let status ?value ?message name : json =
  let optional key = function None -> [] | Some value -> [ (key, value) ] in
  `Assoc ((("status", `String name) :: optional "value" value) @ optional "message" message)

let outcome_json : Evaluation.outcome -> json = function
  | Value value -> begin
    match Codec.write value with
    | value -> status "ok" ~value
    | exception Values.Failed message -> status "error" ~message:(`String message)
  end
  | Error message -> status "error" ~message:(`String message)
  | Fuel -> status "fuel" ~message:(`String "more steps than allowed")
  | Memory message -> status "memory" ~message:(`String message)

let read_inputs types inputs =
  let types = Array.of_list types in
  let read i json =
    let ty = if i < Array.length types then types.(i) else Types.Variable 0 in
    match Codec.read ty json with
    | value -> value
    | exception Codec.Unfit why -> raise (Codec.Unfit (Printf.sprintf "input %d: %s" (i + 1) why))
  in
  Array.of_list (List.mapi read inputs)

let evaluate json : json =
  let prepared = prepared json in
  let heads = Prepared.compiled prepared in
  let limits = limits_of json in
  let type_of_name = Library.type_of_name (Prepared.library prepared) in
  let evaluate job : json =
    let inputs = Json.required_list "inputs" job in
    match
      let program = parse_term (Json.required_text "program" job) in
      match Json.optional Json.text "request" job with
      | None -> (program, Inference.infer ~type_of_name program)
      | Some request ->
        let request = parse_type request in
        Inference.check ~type_of_name program request;
        (program, request)
    with
    | program, ty ->
      let types = Types.arguments_of ty in
      let program = Evaluation.program_of_term heads program in
      let evaluate inputs =
        match read_inputs types (Json.list ~what:"inputs" inputs) with
        | inputs -> outcome_json (Evaluation.run_program limits program inputs)
        | exception Codec.Unfit why -> status "error" ~message:(`String why)
      in
      `List (Json.map evaluate inputs)
    | exception Error (kind, message) -> `Assoc [ ("error", error_json kind message) ]
  in
  `Assoc [ ("results", `List (Json.map evaluate (Json.required_list "jobs" json))) ]

(* {1 enumerate} *)

module Inputs = Hashtbl.Make (struct
  type t = Values.t array

  let equal a b = Array.length a = Array.length b && Array.for_all2 Values.equal a b
  let hash (inputs : t) = Hashtbl.hash_param 256 256 inputs
end)

(* The inputs that are distinct, in order of appearance, and their numbers. *)
type inputs = { numbers : int Inputs.t; mutable reversed : Values.t array list }

let number_of table inputs =
  match Inputs.find_opt table.numbers inputs with
  | Some number -> number
  | None ->
    let number = Inputs.length table.numbers in
    Inputs.add table.numbers inputs number;
    table.reversed <- inputs :: table.reversed;
    number

(* Something is wrong with the task of this id. *)
exception Wrong_task of { id : json; message : string }

let task_of_json ~types ~return table position json : Search.task =
  let id = Option.value ~default:`Null (Json.field "id" json) in
  let shown =
    match id with
    | `String id -> quoted id
    | `Null -> Printf.sprintf "number %d" (position + 1)
    | id -> quoted (Yojson.Safe.to_string id)
  in
  let wrong format =
    Printf.ksprintf (fun why -> raise (Wrong_task { id; message = Printf.sprintf "task %s: %s" shown why })) format
  in
  let fit what ty json =
    match Codec.read ty json with value -> value | exception Codec.Unfit why -> wrong "%s: %s" what why
  in
  let example i json : Judge.example =
    let part name =
      match Json.field name json with Some value -> value | None -> wrong "example %d has no %s" (i + 1) name
    in
    let inputs =
      match part "inputs" with `List inputs -> inputs | _ -> wrong "example %d: inputs must be a list" (i + 1)
    in
    if List.compare_lengths inputs types <> 0 then
      wrong "example %d has %d inputs, the request takes %d" (i + 1) (List.length inputs) (List.length types);
    let read k ty json = fit (Printf.sprintf "example %d, input %d" (i + 1) (k + 1)) ty json in
    let inputs = Array.of_list (List.mapi (fun k (ty, json) -> read k ty json) (List.combine types inputs)) in
    { input = number_of table inputs; output = fit (Printf.sprintf "example %d, output" (i + 1)) return (part "output") }
  in
  let listed = match Json.field "examples" json with None -> [] | Some listed -> Json.list ~what:"examples" listed in
  if listed = [] then wrong "it has no examples";
  let examples = List.mapi example listed in
  let by_input = Hashtbl.create 16 in
  let contradiction = ref false in
  let is_new ({ input; output } : Judge.example) =
    match Hashtbl.find_opt by_input input with
    | None ->
      Hashtbl.add by_input input output;
      true
    | Some before ->
      if not (Values.equal before output) then contradiction := true;
      false
  in
  let examples = List.filter is_new examples in
  { id; examples; unsolvable = !contradiction; hits = []; hit_count = 0; ended = None }

let enumerate json : json =
  let request = request_of "request" json in
  let library = library_of ~evaluated:true json in
  let exhaustive = Json.with_default false Json.boolean "exhaustive" json in
  let settings : Search.settings =
    {
      step = step_of json;
      bound = bound_of json;
      most_programs = most_programs_of json;
      seconds = seconds_of json;
      limits = limits_of json;
      most_hits = Json.with_default 1 Json.positive "max_frontier" json;
      exhaustive;
    }
  in
  let table = { numbers = Inputs.create 256; reversed = [] } in
  let types = Types.arguments_of request and return = Types.return_of request in
  let listed = Json.with_default [] Json.list "tasks" json in
  let tasks = Array.mapi (task_of_json ~types ~return table) (Array.of_list listed) in
  let inputs = Array.of_list (List.rev table.reversed) in
  let result = Search.run settings library request ~inputs tasks in
  let hit (hit : Search.hit) : json =
    `Assoc [ ("program", `String (Holes.to_string library hit.node)); ("log_prior", log_prior hit.cost) ]
  in
  let task (task : Search.task) : json =
    let status, programs, complete = Search.task_end result task in
    `Assoc
      [
        ("id", task.id);
        ("status", `String (Search.status_name status));
        ("programs", `Int programs);
        ("max_cost", nats complete);
        ("hits", `List (List.map hit task.hits));
      ]
  in
  `Assoc
    [
      ("programs", `Int result.programs);
      ("max_cost", nats result.complete);
      ("status", `String (Search.status_name result.status));
      ("cpu_seconds", `Float result.cpu_seconds);
      ("expansions", `Int result.expansions);
      ("tasks", `List (Json.map task (Array.to_list tasks)));
    ]

(* {1 propose, sample} *)

type batch = { mutable reversed : json list; mutable size : int; mutable in_window : int }

(* [exchange batch window_end] sends a batch and says whether to go on. *)
let propose_until ~is_over ~bound json ~exchange : json =
  let request = request_of "request" json in
  let library = library_of ~evaluated:false json in
  let most = most_programs_of json and largest = Json.with_default 1000 Json.positive "batch" json in
  let step = step_of json in
  let graph = Holes.create (Grammar.of_library library) in
  let root = Holes.root graph request in
  let search = Enumeration.create ~tick:(fun () -> if is_over () then raise Enumeration.Stop) graph in
  let programs = ref 0 and stopped = ref false in
  let batch = { reversed = []; size = 0; in_window = 0 } in
  let send window_end =
    let listed = List.rev batch.reversed in
    batch.reversed <- [];
    batch.size <- 0;
    stopped := not (exchange (`List listed) window_end);
    not !stopped
  in
  let found cost node =
    if !programs >= most || is_over () then raise Enumeration.Stop;
    incr programs;
    batch.size <- batch.size + 1;
    batch.in_window <- batch.in_window + 1;
    batch.reversed <- `List [ `String (Holes.to_string library node); nats cost ] :: batch.reversed;
    if batch.size >= largest && not (send `Null) then raise Enumeration.Stop
  in
  let window_end stop =
    let empty = batch.in_window = 0 in
    batch.in_window <- 0;
    empty || send (nats stop)
  in
  let ended, complete = Enumeration.windows search root ~step ~bound found ~window_end in
  if batch.size > 0 && not !stopped then ignore (send `Null);
  let status =
    match ended with Exhausted -> "exhausted" | Stopped when !stopped -> "stopped" | Stopped | Reached -> "budget"
  in
  `Assoc [ ("programs", `Int !programs); ("max_cost", nats complete); ("status", `String status) ]

let propose json ~exchange : json =
  let bound = bound_of json in
  Interruption.during_search ~seconds:(seconds_of json) (fun ~is_over ->
      propose_until ~is_over ~bound json ~exchange)

let sample json : json =
  let request = request_of "request" json in
  let library = library_of ~evaluated:false json in
  let seed = Json.with_default 0 Json.integer "seed" json in
  let count = Json.with_default 1 Json.integer "count" json in
  if count < 0 || count > 10_000_000 then bad_request "count must be between 0 and 10000000";
  let max_depth = Json.with_default 12 Json.positive "max_depth" json in
  if max_depth > Enumeration.deepest then bad_request "max_depth must be at most %d" Enumeration.deepest;
  let drawn (node, log_prior) : json =
    let log_prior = if log_prior = 0. then 0. else log_prior in
    `Assoc [ ("program", `String (Holes.to_string library node)); ("log_prior", `Float log_prior) ]
  in
  `Assoc [ ("programs", `List (Json.map drawn (Sampling.sample library request ~seed ~count ~max_depth))) ]

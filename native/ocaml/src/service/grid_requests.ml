open Failure
open Protocol

let request = Types.of_string "tgrid -> tgrid"

let image_of ~what json =
  match Codec.read (Types.return_of request) json with
  | Values.Grid grid when Grid.cells grid = 0 -> bad_request "%s: a grid without cells" what
  | Values.Grid grid when Grid.cells grid > Image.most_cells ->
    bad_request "%s: a grid of %d cells, the search takes at most %d" what (Grid.cells grid) Image.most_cells
  | Values.Grid grid -> Image.of_grid grid
  | _ -> bad_request "%s: no grid" what
  | exception Codec.Unfit why -> bad_request "%s: %s" what why

let input_of ~what = function
  | `List [ grid ] -> image_of ~what grid
  | _ -> bad_request "%s: there must be one input, a grid" what

let task_of json : Grid_search.task =
  let demonstration i example =
    let what = Printf.sprintf "example %d" (i + 1) in
    (input_of ~what (Json.required "inputs" example), image_of ~what (Json.required "output" example))
  in
  let pairs = Json.mapi demonstration (Json.required_list "examples" json) in
  if pairs = [] then bad_request "it has no examples";
  let tests = Json.mapi (fun i inputs -> input_of ~what:(Printf.sprintf "test %d" (i + 1)) inputs) (Json.with_default [] Json.list "tests" json) in
  { inputs = Array.of_list (List.map fst pairs @ tests); outputs = Array.of_list (List.map snd pairs) }

(* {1 Operations} *)

(* An abstraction of the library that makes a piece of a piece. *)
let learned limits compiled (production : Library.production) : Operations.t option =
  if production.definition = None || Types.to_string production.ty <> "tpiece -> tpiece" then None
  else begin
    let program = Evaluation.program_of_term compiled (Terms.Name production.name) in
    let change image =
      match Evaluation.run_program limits program [| Primitives_search.of_image image |] with
      | Value value -> begin match Primitives_search.to_image value with image -> image | exception Values.Failed _ -> Image.fails () end
      | Error _ | Fuel | Memory _ -> Image.fails ()
    in
    Some { name = production.name; arguments = []; meaning = Change change; cost = Operations.usual_cost; doc = "" }
  end

let operations_of limits prepared =
  let library = Prepared.library prepared in
  let missing = List.filter (fun (each : Primitive.t) -> Library.find library each.name = None) Primitives_search.fixed in
  (match missing with
  | [] -> ()
  | first :: _ -> bad_request "the library lacks %s: take the primitive set search" (quoted first.name));
  let listed = List.filter (fun (each : Operations.t) -> Library.find library each.name <> None) Operations.all in
  let learned = List.filter_map (learned limits (Prepared.compiled prepared)) (Array.to_list library.productions) in
  Array.of_list (listed @ learned)

(* {1 Answers} *)

let hit_json mutation limits compiled (task : Grid_search.task) (answer : Grid_search.answer) : json option =
  let program = Evaluation.program_of_term compiled answer.term in
  let demonstrations = Array.length task.outputs in
  let gives i (input : Image.t) =
    let wanted = if i < demonstrations then task.outputs.(i).grid else answer.outputs.(i - demonstrations) in
    match Evaluation.run_program limits program [| Values.Grid input.grid |] with
    | Value value -> Values.equal value (Grid wanted)
    | Error _ | Fuel | Memory _ -> false
  in
  if not (Array.for_all Fun.id (Array.mapi gives task.inputs)) then None
  else begin
    let { Mutation.grammar; completions } = mutation in
    let derivation = Derivation.of_term grammar request answer.term in
    let root = Holes.root (Completions.graph completions) request in
    let prior = Derivation.log_prior completions root derivation.root in
    Some
      (`Assoc
         [ ("program", `String (Derivation.to_string grammar.library derivation.root)); ("log_prior", log_prior prior) ])
  end

let most_depth = 60

let settings_of json : Grid_search.settings =
  let depth = Json.with_default 20 Json.positive "depth" json in
  if depth > most_depth then bad_request "depth must be at most %d" most_depth;
  {
    depth;
    most_answers = Json.with_default 3 Json.positive "max_frontier" json;
    most_tried = Json.with_default max_int Json.integer "max_programs" json;
    exhaustive = Json.with_default false Json.boolean "exhaustive" json;
    starts = 12;
  }

let cover json : json =
  if request_of json <> request then
    bad_request "a search over grids takes a request %s, not %s" (quoted (Types.to_string request)) (quoted (Types.to_string (request_of json)));
  let prepared = prepared_of json and limits = limits_of json in
  let operations = operations_of limits prepared and task = task_of (Json.required "task" json) in
  let seconds = Json.with_default infinity (Json.number) "timeout" json in
  let started = Sys.time () in
  let result =
    Interruption.during_search ~seconds (fun ~is_over -> Grid_search.run (settings_of json) ~is_over operations task)
  in
  let mutation = mutation_of json and compiled = Prepared.compiled prepared in
  let hits = List.map (hit_json mutation limits compiled task) result.answers in
  let kept = List.filter_map Fun.id hits in
  let status = if kept <> [] then "solved" else if result.ended then "exhausted" else "budget" in
  `Assoc
    [
      ("status", `String status); ("programs", `Int result.tried); ("distinct", `Int result.kept);
      ("unreproduced", `Int (List.length hits - List.length kept)); ("cpu_seconds", `Float (Sys.time () -. started));
      ("hits", `List kept);
    ]

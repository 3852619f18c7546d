type result =
  | Unknown
  | Known of { value : Values.t; spent : Budget.spent }
  | Failed of { message : string; spent : Budget.spent }
  | Out_of_fuel of int  (* with so many steps left at its beginning; with no more it ends so again *)
  | Out_of_space of int  (* with so many cells left *)

(* [spent] is what a node cost by itself, without the nodes that it needed. *)
type node = {
  number : int;
  shared : Code.t;  (* as others use it *)
  mutable results : result array;  (* by input, of the epoch *)
  mutable epoch : int;
  mutable worst : Budget.spent;  (* of all inputs so far *)
}

type key =
  | Parameter of int
  | Closed of Terms.t
  | Head of Terms.t * int list
  | Call of int * int list

type t = {
  heads : Compile.t;
  limits : Evaluation.limits;
  most_cells : int;
  nodes : (key, node) Hashtbl.t;
  mutable inputs : Values.t array array;
  mutable current : int;
  mutable epoch : int;
  mutable kept : int;  (* cells *)
  mutable nested : Budget.spent;  (* by nodes that the one under way needed *)
  mutable evaluations : int;
}

type program = {
  parameters : int;
  root : node;
  occurrences : node array;  (* of all its parts; an evaluation on its own shares none of them *)
  size : int;
  alone : Evaluation.program Lazy.t;
}

let nothing = { Budget.steps = 0; cells = 0; depth = 0 }

let plus (a : Budget.spent) (b : Budget.spent) =
  { Budget.steps = a.steps + b.steps; cells = a.cells + b.cells; depth = a.depth + b.depth }

let minus (a : Budget.spent) (b : Budget.spent) =
  { Budget.steps = a.steps - b.steps; cells = a.cells - b.cells; depth = a.depth }

let larger (a : Budget.spent) (b : Budget.spent) =
  if a.steps <= b.steps && a.cells <= b.cells && a.depth <= b.depth then b
  else { Budget.steps = Int.max a.steps b.steps; cells = Int.max a.cells b.cells; depth = Int.max a.depth b.depth }

let create heads limits ~most_cells =
  {
    heads = Compile.with_names heads; limits; most_cells; nodes = Hashtbl.create 4096; inputs = [||]; current = 0;
    epoch = 0; kept = 0; nested = nothing; evaluations = 0;
  }

let evaluations graph = graph.evaluations

let forget graph =
  graph.epoch <- graph.epoch + 1;
  graph.kept <- 0

let set_inputs graph inputs =
  graph.inputs <- inputs;
  forget graph

(* {1 Nodes} *)

let exhausted graph (node : node) result error =
  node.results.(graph.current) <- result;
  raise_notrace error

let evaluate graph (node : node) (code : Code.t) =
  let before = graph.nested in
  graph.nested <- nothing;
  let steps = Budget.steps_left () and cells = Budget.cells_left () in
  let mark = Budget.mark () in
  let outcome =
    match code.run Values.Empty with
    | value -> Ok value
    | exception Values.Failed message -> Error message
    | exception (Budget.Out_of_fuel as error) -> exhausted graph node (Out_of_fuel steps) error
    | exception (Budget.Out_of_space as error) -> exhausted graph node (Out_of_space cells) error
  in
  let all = Budget.since mark in
  let spent = minus all graph.nested in
  graph.nested <- plus before all;
  graph.evaluations <- graph.evaluations + 1;
  graph.kept <- graph.kept + spent.cells + 8;
  node.worst <- larger node.worst spent;
  let result = match outcome with Ok value -> Known { value; spent } | Error message -> Failed { message; spent } in
  node.results.(graph.current) <- result;
  result

let value graph (node : node) code =
  if node.epoch <> graph.epoch then begin
    node.results <- Array.make (Array.length graph.inputs) Unknown;
    graph.kept <- graph.kept + Array.length graph.inputs;
    node.epoch <- graph.epoch
  end;
  let rec value = function
    | Known { value; _ } -> value
    | Failed { message; _ } -> Values.fail message
    | Out_of_fuel steps when Budget.steps_left () <= steps -> raise_notrace Budget.Out_of_fuel
    | Out_of_space cells when Budget.cells_left () <= cells -> raise_notrace Budget.Out_of_space
    | Unknown | Out_of_fuel _ | Out_of_space _ -> value (evaluate graph node code)
  in
  value (Array.unsafe_get node.results graph.current)

let intern graph key code =
  match Hashtbl.find_opt graph.nodes key with
  | Some node -> node
  | None ->
    let number = Hashtbl.length graph.nodes in
    let code : Code.t = code () in
    let rec node =
      lazy { number; shared = Code.shared get code; results = [||]; epoch = -1; worst = nothing }
    and get () = value graph (Lazy.force node) code in
    (* What only builds a value is not worth keeping. *)
    let node =
      match code.shape with
      | Immediate | Variable _ ->
        { number; shared = Code.shared (fun () -> code.run Values.Empty) code; results = [||]; epoch = -1; worst = nothing }
      | Computation -> Lazy.force node
    in
    Hashtbl.add graph.nodes key node;
    node

let parameter graph i =
  let input () = graph.inputs.(graph.current).(i) in
  intern graph (Parameter i) (fun () -> Code.shared input (Code.constant Values.Nil))

(* A term in which the nodes that it uses stand by name. [scope] has the nodes of its free variables. *)
let rec closed graph scope depth (term : Terms.t) : Terms.t =
  match term with
  | Variable index when index < depth -> term
  | Variable index ->
    let node = List.nth scope (index - depth) in
    let name = string_of_int node.number in
    Compile.add_name graph.heads name node.shared;
    Name (" " ^ name)
  | Name _ | Inlined _ -> term
  | Lambda body -> Lambda (closed graph scope (depth + 1) body)
  | Application (f, arguments) ->
    Application (closed graph scope depth f, List.map (closed graph scope depth) arguments)

let numbers nodes = List.map (fun node -> node.number) nodes
let codes nodes = List.map (fun node -> node.shared) nodes

(* The node of a term; all nodes made on the way are listed. *)
let rec node_of graph listed scope (term : Terms.t) =
  let made node =
    listed := node :: !listed;
    node
  in
  match term with
  | Variable index -> List.nth scope index
  | Name _ | Inlined _ -> made (intern graph (Head (term, [])) (fun () -> Compile.apply graph.heads term []))
  | Lambda _ ->
    let term = closed graph scope 0 term in
    made (intern graph (Closed term) (fun () -> Compile.term graph.heads term))
  | Application (f, []) -> node_of graph listed scope f
  | Application (Lambda body, argument :: arguments) ->
    let argument = node_of graph listed scope argument in
    node_of_call graph listed scope (argument :: scope) body arguments
  | Application (((Name _ | Inlined _) as f), arguments) ->
    let arguments = List.map (node_of graph listed scope) arguments in
    made (intern graph (Head (f, numbers arguments)) (fun () -> Compile.apply graph.heads f (codes arguments)))
  | Application (f, arguments) ->
    let f = node_of graph listed scope f in
    applied graph listed f (List.map (node_of graph listed scope) arguments)

(* A body in a scope of its own, applied to arguments of the scope around it. *)
and node_of_call graph listed scope inner body arguments =
  match (body, arguments) with
  | body, [] -> node_of graph listed inner body
  | Terms.Lambda body, argument :: arguments ->
    let argument = node_of graph listed scope argument in
    node_of_call graph listed scope (argument :: inner) body arguments
  | body, arguments ->
    let f = node_of graph listed inner body in
    applied graph listed f (List.map (node_of graph listed scope) arguments)

and applied graph listed f arguments =
  let node = intern graph (Call (f.number, numbers arguments)) (fun () -> Code.apply f.shared (codes arguments)) in
  listed := node :: !listed;
  node

let rec size : Terms.t -> int = function
  | Variable _ | Name _ -> 1
  | Lambda body | Inlined body -> 1 + size body
  | Application (f, arguments) -> List.fold_left (fun total term -> total + size term) (1 + size f) arguments

let program graph term =
  let parameters, body = Compile.strip_lambdas term in
  let listed = ref [] in
  let root = node_of graph listed (List.init parameters (fun i -> parameter graph (parameters - 1 - i))) body in
  let alone = lazy (Evaluation.program_of_term graph.heads term) in
  { parameters; root; occurrences = Array.of_list !listed; size = size term; alone }

(* {1 Programs} *)

let total spent program = Array.fold_left (fun sum node -> plus sum (spent node)) nothing program.occurrences

(* Beside its nodes an evaluation alone takes a step for each applied lambda, and enters some levels for each part. *)
let fits graph program { Budget.steps; cells; depth } =
  steps + program.size <= graph.limits.fuel
  && cells <= graph.limits.size
  && depth + (8 * program.size) <= Budget.deepest

let spent_now graph (node : node) =
  match if node.epoch = graph.epoch then node.results.(graph.current) else Unknown with
  | Known { spent; _ } | Failed { spent; _ } -> spent
  | Unknown | Out_of_fuel _ | Out_of_space _ -> nothing

(* Whether an evaluation alone is sure to stay within the limits. *)
let is_within graph program =
  fits graph program (total (fun node -> node.worst) program) || fits graph program (total (spent_now graph) program)

let is_over : Evaluation.outcome -> bool = function Fuel | Memory _ -> true | Value _ | Error _ -> false

let run graph program input =
  let inputs = graph.inputs.(input) in
  if program.parameters <> Array.length inputs then Evaluation.run_program graph.limits (Lazy.force program.alone) inputs
  else begin
    if graph.kept > graph.most_cells then forget graph;
    graph.current <- input;
    graph.nested <- nothing;
    match Evaluation.run graph.limits program.root.shared Values.Empty with
    | outcome when is_over outcome || is_within graph program -> outcome
    | _ -> Evaluation.run_program graph.limits (Lazy.force program.alone) inputs
  end

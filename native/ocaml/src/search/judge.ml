type example = { input : int; output : Values.t }
type task = { examples : example list }

type tree = {
  solved : int list;  (* tasks with no example left to try *)
  tests : test list;
}

and test = { on : int; branches : (Values.t * tree) list }

type result = Untried | Got of Values.t | Failed

type t = {
  limits : Evaluation.limits;
  comparison : Comparison.t;
  environments : Values.environment array;
  sizes : int array;
  results : result array;  (* of the program judged, by input *)
  mutable tried : int list;  (* inputs with a result *)
  tasks : task array;
  mutable tree : tree;
}

(* {1 The decision tree} *)

let nothing = { solved = []; tests = [] }

(* A task alone: its examples one after the other, the smallest first. *)
let chain ~size_of (task, left) =
  let by_size a b = compare (size_of a.input, a.input) (size_of b.input, b.input) in
  List.fold_left
    (fun inner { input; output } -> { solved = []; tests = [ { on = input; branches = [ (output, inner) ] } ] })
    { solved = [ task ]; tests = [] }
    (List.rev (List.sort by_size left))

(* Which inputs are left to how many of the candidates. *)
let count_uses uses change candidates =
  List.iter
    (fun (_, left) ->
      List.iter
        (fun { input; _ } ->
          let count = change + Option.value ~default:0 (Hashtbl.find_opt uses input) in
          if count = 0 then Hashtbl.remove uses input else Hashtbl.replace uses input count)
        left)
    candidates

(* The input that most share, of equals the smallest: it is cheapest to run. *)
let most_used ~size_of uses =
  let better input count (input', count') =
    count > count'
    || count = count'
       && (size_of input < size_of input' || (size_of input = size_of input' && input < input'))
  in
  Hashtbl.fold (fun input count best -> if better input count best then (input, count) else best) uses (-1, 0)

(* Candidates are (task, examples left), no input twice in a task. *)
let rec tree ~size_of candidates =
  match candidates with
  | [ candidate ] -> chain ~size_of candidate
  | _ ->
    let solved, unsolved = List.partition (fun (_, left) -> left = []) candidates in
    let uses = Hashtbl.create 64 in
    count_uses uses 1 unsolved;
    { solved = List.map fst solved; tests = tests ~size_of uses unsolved }

and tests ~size_of uses candidates =
  match (candidates, most_used ~size_of uses) with
  | [], _ -> []
  | _, (_, 1) -> List.concat_map (fun candidate -> (chain ~size_of candidate).tests) candidates
  | _, (on, _) ->
    let tested, others =
      List.partition (fun (_, left) -> List.exists (fun { input; _ } -> input = on) left) candidates
    in
    count_uses uses (-1) tested;
    { on; branches = branches ~size_of on tested } :: tests ~size_of uses others

and branches ~size_of on tested =
  match tested with
  | [] -> []
  | (_, left) :: _ ->
    let output_on left = (List.find (fun { input; _ } -> input = on) left).output in
    let output = output_on left in
    let same, different = List.partition (fun (_, left) -> Values.equal output (output_on left)) tested in
    let rest = List.map (fun (task, left) -> (task, List.filter (fun { input; _ } -> input <> on) left)) same in
    (output, tree ~size_of rest) :: branches ~size_of on different

let value_size value =
  let rec add size = function
    | Values.Cons (first, rest) -> add (add (size + 1) first) rest
    | Text s -> size + 1 + String.length s
    | Record { fields; _ } -> Array.fold_left add (size + 1) fields
    | Grid grid -> size + 1 + Grid.cells grid
    | Positions cells | Colored cells -> size + 1 + Array.length cells
    | Set elements -> Array.fold_left add (size + 1) elements
    | _ -> size + 1
  in
  add 0 value

let rec environment_size = function
  | Values.Empty -> 0
  | Bind { value; outer } -> value_size value + environment_size outer

let set_active judge active =
  let candidates =
    List.filter_map
      (fun i -> if active i then Some (i, judge.tasks.(i).examples) else None)
      (List.init (Array.length judge.tasks) Fun.id)
  in
  let size_of input = judge.sizes.(input) in
  judge.tree <- (if candidates = [] then nothing else tree ~size_of candidates)

let create ?(comparison = Comparison.exact) limits ~inputs tasks =
  let environments = Array.map Evaluation.environment inputs in
  let judge =
    { limits; comparison; environments; sizes = Array.map environment_size environments; results = Array.make (Array.length inputs) Untried; tried = []; tasks; tree = nothing }
  in
  set_active judge (fun _ -> true);
  judge

(* {1 Judging} *)

let result judge (body : Code.t) input =
  match judge.results.(input) with
  | Untried ->
    let result =
      match Evaluation.run ~view:judge.comparison.view judge.limits body judge.environments.(input) with
      | Value value -> Got value
      | Error _ | Fuel | Memory _ -> Failed
    in
    judge.results.(input) <- result;
    judge.tried <- input :: judge.tried;
    result
  | result -> result

let judge judge (body : Code.t) solves =
  let constant = if body.free = 0 then Some (lazy (result judge body 0)) else None in
  let result_on input = match constant with Some result -> Lazy.force result | None -> result judge body input in
  let rec descend { solved; tests } =
    List.iter solves solved;
    List.iter
      (fun { on; branches } ->
        match result_on on with
        | Got value -> follow value branches
        | Untried | Failed -> ())
      tests
  and follow value = function
    | [] -> ()
    | (output, tree) :: others ->
      let fits = judge.comparison.fits value output in
      if fits then descend tree;
      if not (fits && judge.comparison.exclusive) then follow value others
  in
  descend judge.tree;
  List.iter (fun input -> judge.results.(input) <- Untried) judge.tried;
  judge.tried <- []

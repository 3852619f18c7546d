open Holes

exception Dead_end

(* {1 The least depth of a program of each type head} *)

type depths = { by_head : (string, int) Hashtbl.t; unknown : int }

let endless = 1_000_000
let one_more depth = min endless (depth + 1)

let depth_of depths (ty : Types.t) =
  match Types.return_of ty with
  | Variable _ -> depths.unknown
  | Constructor (name, _) -> Option.value ~default:depths.unknown (Hashtbl.find_opt depths.by_head name)

(* Without variables in scope, and as if every argument's variables were free: an
   estimate, which the choices at hand make exact enough. *)
let least_depths (library : Library.t) =
  let by_head = Hashtbl.create 16 and unknown = ref endless in
  let changed = ref true in
  let types = Array.map (fun (p : Library.production) -> p.ty) library.productions in
  let note name depth =
    let known = Option.value ~default:endless (Hashtbl.find_opt by_head name) in
    if depth < known then begin
      Hashtbl.replace by_head name depth;
      changed := true
    end
  in
  while !changed do
    changed := false;
    let depths = { by_head; unknown = !unknown } in
    Array.iter
      (fun ty ->
        let deepest = List.fold_left (fun d a -> max d (depth_of depths a)) 0 (Types.arguments_of ty) in
        let depth = one_more deepest in
        (match Types.return_of ty with
        | Constructor (name, _) -> note name depth
        | Variable _ -> Hashtbl.iter (fun name _ -> note name depth) (Hashtbl.copy by_head));
        if depth < !unknown then begin
          unknown := depth;
          changed := true
        end)
      types
  done;
  { by_head; unknown = !unknown }

let rec depth_of_arguments depths = function
  | Done _ -> 0
  | Next next ->
    let fits =
      List.exists
        (fun ty -> (not (Types.is_arrow ty)) && ty = next.hole.return)
        next.hole.environment
    in
    let here = if fits then 1 else depth_of depths next.hole.return in
    let rest = List.fold_left (fun d (_, ty) -> max d (depth_of depths ty)) 0 next.pending.rest in
    let rest = match next.independent with Some rest -> depth_of_arguments depths (Lazy.force rest) | None -> rest in
    max here rest

(* {1 Drawing} *)

type sampler = {
  graph : Holes.t;
  depths : depths;
  random : Splitmix.t;
  max_depth : int;
  mutable nodes : int;  (* that the attempt at a program may still draw *)
}

let draw sampler (candidates : choice list) =
  let weights = List.map (fun (choice : choice) -> exp choice.log_weight) candidates in
  let total = List.fold_left ( +. ) 0. weights in
  let rec pick left (candidates : choice list) weights =
    match (candidates, weights) with
    | [ choice ], _ -> choice
    | choice :: candidates, weight :: weights -> if left < weight then choice else pick (left -. weight) candidates weights
    | _ -> raise Dead_end
  in
  pick (Splitmix.uniform sampler.random *. total) candidates weights

(* Beyond the limit a draw may still go this much deeper before it is given up. *)
let patience = 20

let most_nodes = 2_000

let rec fill sampler (hole : hole) depth : float * node * substitution =
  sampler.nodes <- sampler.nodes - 1;
  if depth > sampler.max_depth + patience || sampler.nodes < 0 then raise Dead_end;
  let choices = Array.to_list (Holes.choices sampler.graph hole) in
  let allowed =
    if depth < sampler.max_depth then choices
    else begin
      let depth_of (choice : choice) = depth_of_arguments sampler.depths choice.arguments in
      let least = List.fold_left (fun least choice -> min least (depth_of choice)) endless choices in
      List.filter (fun choice -> depth_of choice = least) choices
    end
  in
  if allowed = [] then raise Dead_end;
  let choice = draw sampler allowed in
  let rec arguments log_prior reversed = function
    | Done substitution ->
      let node = if reversed = [] then choice.leaf else { choice.leaf with reversed_arguments = reversed } in
      (log_prior, node, substitution)
    | Next next ->
      let log_prior', node, decided = fill sampler next.hole (depth + 1) in
      let node = if next.lambdas = 0 then node else { node with lambdas = next.lambdas } in
      arguments (log_prior +. log_prior') (node :: reversed) (Holes.after sampler.graph next decided)
  in
  arguments choice.log_weight [] choice.arguments

(* All attempts at one program may draw this many nodes together. *)
let most_work = 6_000

let sample (grammar : Grammar.t) request ~seed ~count ~max_depth =
  let graph = Holes.create ~redundant:true grammar in
  let sampler = { graph; depths = least_depths grammar.library; random = Splitmix.create seed; max_depth; nodes = 0 } in
  let root = Holes.root graph request in
  let rec program work =
    if work <= 0 then
      Failure.bad_request "no program of type %s could be drawn" (Failure.quoted (Types.to_string request));
    let nodes = min work most_nodes in
    sampler.nodes <- nodes;
    match fill sampler root.hole 1 with
    | log_prior, node, _ -> ({ node with lambdas = root.lambdas }, log_prior)
    | exception Dead_end -> program (work - (nodes - sampler.nodes) - 1)
  in
  List.init count (fun _ -> program most_work)

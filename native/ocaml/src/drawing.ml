(* Draws from the grammar that keep within a number of nodes, by construction:
   what is drawn from at a hole are the choices that can still be completed in the
   room that is left, with the grammar's odds among them. *)

open Holes

type t = { completions : Completions.t; random : Splitmix.t; max_depth : int }

(* The nodes that the holes after one take, when it has been filled. *)
type later =
  | Fixed of int
  | Deciding of (substitution -> int)  (* by what filling it decides *)

let after_it later decided = match later with Fixed nodes -> nodes | Deciding nodes -> nodes decided

let of_rest completions rest later room =
  match Completions.of_arguments completions rest room with
  | None -> Completions.infinite
  | Some { nodes; decided } -> nodes + after_it later decided

let later_than drawing (next : next) later room =
  let completions = drawing.completions in
  match next.independent with
  | Some rest -> Fixed (of_rest completions (Lazy.force rest) later room)
  | None ->
    Deciding (fun decided -> of_rest completions (Holes.after completions.graph next decided) later room)

(* The position that a point in [0, total) falls on; the last one for what rounding leaves over. *)
let fall chances total random =
  let last = Array.length chances - 1 in
  let rec search point i =
    let chance = chances.(i) in
    if i = last || (point < chance && chance > 0.) then i else search (point -. chance) (i + 1)
  in
  let landed = search (Splitmix.uniform random *. total) 0 in
  (* Rounding must not land on what is not allowed. *)
  let rec allowed i = if chances.(i) > 0. || i = 0 then i else allowed (i - 1) in
  allowed landed

(* What stands at a hole: the position of one of its choices, None when nothing fits.
   In a hurry only what can be completed in fewest nodes is drawn from. *)
let choose drawing ?except (options : Completions.options) ~hurried ~room ~later =
  let completions = drawing.completions in
  match (later, except) with
  | Fixed nodes, None when (not hurried) && Completions.greatest completions options <= room - nodes ->
    Some (fall options.chances options.total drawing.random)
  | _ ->
    let need i (choice : choice) =
      if except = Some choice.head then Completions.infinite
      else begin
        match Completions.of_choice completions options i room with
        | None -> Completions.infinite
        | Some { nodes; decided } -> nodes + after_it later decided
      end
    in
    let needs = Array.mapi need options.choices in
    let most = if hurried then Array.fold_left min room needs else room in
    let chances = Array.mapi (fun i chance -> if needs.(i) <= most then chance else 0.) options.chances in
    let total = Array.fold_left ( +. ) 0. chances in
    if total > 0. then Some (fall chances total drawing.random) else None

exception Nothing_fits

(* A filling of a hole, with what comes [later] in at most [room] nodes: the node,
   its log prior, its nodes and what it decides. [Nothing_fits] is raised at the
   first hole or never. *)
let rec fill drawing ?except (hole : hole) ~depth ~room ~later =
  let options = Completions.options drawing.completions hole in
  match choose drawing ?except options ~hurried:(depth >= drawing.max_depth) ~room ~later with
  | None -> raise Nothing_fits
  | Some i ->
    let choice = options.choices.(i) in
    let rec arguments log_prior reversed size = function
      | Done decided ->
        let node = if reversed = [] then choice.leaf else { choice.leaf with reversed_arguments = reversed } in
        (node, log_prior, size, decided)
      | Next next ->
        let room = room - size in
        let later = later_than drawing next later room in
        let node, log_prior', size', decided = fill drawing next.hole ~depth:(depth + 1) ~room ~later in
        let node : node = if next.lambdas = 0 then node else { node with lambdas = next.lambdas } in
        let rest = Holes.after drawing.completions.graph next decided in
        arguments (log_prior +. log_prior') (node :: reversed) (size + size') rest
    in
    arguments choice.log_weight [] 1 choice.arguments

let nothing_later = Fixed 0

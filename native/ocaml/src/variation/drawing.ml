open Holes

type t = { completions : Completions.t; random : Splitmix.t; max_depth : int }

(* The nodes that the holes after one take, when it has been filled. *)
type later =
  | Fixed of int
  | Deciding of { at_least : int; nodes : substitution -> int }  (* by what filling it decides *)

let after_it later decided = match later with Fixed nodes -> nodes | Deciding { nodes; _ } -> nodes decided

(* What comes later takes no less: completions that leave less room for it need not be searched. *)
let least_after = function Fixed nodes -> nodes | Deciding { at_least; _ } -> at_least

let of_rest completions rest later room =
  match Completions.of_arguments completions rest room with
  | None -> Completions.infinite
  | Some { nodes; decided } -> nodes + after_it later decided

let later_than drawing (next : next) later room =
  let completions = drawing.completions in
  match next.independent with
  | Some rest -> Fixed (of_rest completions (Lazy.force rest) later room)
  | None ->
    let nodes decided = of_rest completions (Holes.after (Completions.graph completions) next decided) later room in
    Deciding { at_least = List.length next.pending.rest + least_after later; nodes }

(* The position that a point in [0, total) falls on; what chances of 0 have is never fallen on. *)
let fall chances total random =
  let rec search point last i =
    if i = Array.length chances then last
    else begin
      let chance = chances.(i) in
      if chance = 0. then search point last (i + 1)
      else if point < chance then i
      else search (point -. chance) i (i + 1)
    end
  in
  search (Splitmix.uniform random *. total) (-1) 0

(* The nodes that a hole takes with a choice, and what comes later; [infinite] if more than [room]. *)
let need drawing (options : Completions.options) i ~room ~later =
  match Completions.of_choice drawing.completions options i (room - least_after later) with
  | None -> Completions.infinite
  | Some { nodes; decided } -> nodes + after_it later decided

let is_excepted except (options : Completions.options) i =
  match except with None -> false | Some head -> options.choices.(i).head = head

(* Draws until something fits; what does not is out. So the odds among what fits are
   the grammar's, and no more is worked out than is drawn. *)
let choose_fitting drawing ?except (options : Completions.options) ~room ~later =
  let rec draw chances total =
    if total <= 0. then None
    else begin
      match fall chances total drawing.random with
      | -1 -> None
      | i when (not (is_excepted except options i)) && need drawing options i ~room ~later <= room -> Some i
      | i ->
        let others = Array.copy chances in
        others.(i) <- 0.;
        draw others (Array.fold_left ( +. ) 0. others)
    end
  in
  draw options.chances options.total

(* Beyond the maximum depth only the options with the shortest completions are drawn. *)
let choose_shortest drawing ?except (options : Completions.options) ~room ~later =
  let least = ref room in
  let needs = Array.make (Array.length options.choices) Completions.infinite in
  Array.iter
    (fun i ->
      if not (is_excepted except options i) then begin
        needs.(i) <- need drawing options i ~room:!least ~later;
        least := min !least needs.(i)
      end)
    options.simplest_first;
  let chances = Array.mapi (fun i chance -> if needs.(i) = !least then chance else 0.) options.chances in
  match fall chances (Array.fold_left ( +. ) 0. chances) drawing.random with -1 -> None | i -> Some i

(* What stands at a hole: the position of one of its choices, None when nothing fits. *)
let choose drawing ?except options ~shortest ~room ~later =
  if shortest then choose_shortest drawing ?except options ~room ~later
  else choose_fitting drawing ?except options ~room ~later

exception Nothing_fits

(* A filling of a hole, with what comes [later] in at most [room] nodes: the node,
   its log prior, its nodes and what it decides. [Nothing_fits] is raised at the
   first hole or never. *)
let rec fill drawing ?except (hole : hole) ~depth ~room ~later =
  let options = Completions.options drawing.completions hole in
  match choose drawing ?except options ~shortest:(depth >= drawing.max_depth) ~room ~later with
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
        let rest = Holes.after (Completions.graph drawing.completions) next decided in
        arguments (log_prior +. log_prior') (node :: reversed) (size + size') rest
    in
    arguments choice.log_weight [] 1 choice.arguments

let draw drawing ?except hole ~room =
  Completions.begin_draw drawing.completions;
  fill drawing ?except hole ~depth:1 ~room ~later:(Fixed 0)

open States

exception Unwanted

let apply_change f value =
  match value with One images -> One (Array.map f images) | Many lists -> Many (Array.map (Array.map f) lists)

let apply (operation : Operations.t) value canvas =
  match (operation.meaning, value, canvas) with
  | Change f, _, _ -> apply_change f value
  | Split f, One images, _ -> Many (Array.map f images)
  | Choose f, Many lists, _ -> One (Array.map f lists)
  | Select f, Many lists, _ -> Many (Array.map f lists)
  | Fit f, One images, Some canvas -> One (Array.map2 f images canvas)
  | Fit f, Many lists, Some canvas -> Many (Array.map2 (fun images canvas -> Array.map (fun image -> f image canvas) images) lists canvas)
  | (Split _ | Choose _ | Select _ | Fit _), _, _ -> raise_notrace Unwanted

let gives_one (operation : Operations.t) value =
  match (operation.meaning, value) with
  | (Change _ | Fit _), One _ -> true
  | Choose _, Many _ -> true
  | _ -> false

(* The same on one pair after the other, given up at the first whose size is not the output's. *)
let apply_last (operation : Operations.t) value canvas outputs =
  let make pair =
    match (operation.meaning, value, canvas) with
    | Change f, One images, _ -> f images.(pair)
    | Choose f, Many lists, _ -> f lists.(pair)
    | Fit f, One images, Some canvas -> f images.(pair) canvas.(pair)
    | _ -> raise_notrace Unwanted
  in
  let pairs = match value with One images -> Array.length images | Many lists -> Array.length lists in
  let first = make 0 in
  let images = Array.make pairs first in
  for pair = 0 to pairs - 1 do
    let image = if pair = 0 then first else make pair in
    if pair < Array.length outputs then begin
      let output = outputs.(pair) in
      if image.row <> 0 || image.column <> 0 || Image.height image <> Image.height output || Image.width image <> Image.width output
      then raise_notrace Unwanted
    end;
    images.(pair) <- image
  done;
  One images

type space = {
  mutable states : States.t list;  (* found and not a leaf, last first *)
  mutable pieces : States.t list;
  mutable tried : int;
}

let is_output outputs = function
  | Many _ -> false
  | One images ->
    let rec agree pair =
      pair = Array.length outputs
      ||
      let image = images.(pair) and output = outputs.(pair) in
      image.row = 0 && image.column = 0 && Image.height image = Image.height output && Image.width image = Image.width output
      && agree (pair + 1)
    in
    agree 0

(* Operations that cost so little that they do not count as a step: they make a piece of what was found. *)
let light (operation : Operations.t) = 2 * operation.cost < Operations.usual_cost

let run ~is_over operations ~depth givens canvas outputs =
  let seen = Seen.create () and space = { states = []; pieces = []; tried = 0 } in
  let least_of operations = Array.fold_left (fun n (o : Operations.t) -> min n o.cost) max_int operations in
  let finishing, steps = List.partition light (Array.to_list operations) in
  let finishing = Array.of_list finishing and steps = Array.of_list steps in
  let least_step = least_of steps and least_finishing = least_of finishing in
  let queue = Array.make (depth + 1) [] in
  let rec found state =
    if Seen.add seen (hash state.value) then begin
      let is_piece = is_output outputs state.value in
      if is_piece then space.pieces <- state :: space.pieces;
      if state.cost + least_step <= depth then begin
        space.states <- state :: space.states;
        queue.(state.cost) <- state :: queue.(state.cost)
      end
      else if not is_piece then Array.iter (step state ~only_images:true) finishing
    end
  and step state ~only_images (operation : Operations.t) =
    let cost = state.cost + operation.cost in
    if cost <= depth && not (is_over ()) then begin
      let last = cost + min least_step least_finishing > depth in
      if gives_one operation state.value || not (last || only_images) then begin
        space.tried <- space.tried + 1;
        match if last then apply_last operation state.value canvas outputs else apply operation state.value canvas with
        | value -> found { cost; origin = Made (operation, state); value }
        | exception (Image.Fails | Unwanted) -> ()
      end
    end
  in
  List.iter found givens;
  let expand state =
    Array.iter (step state ~only_images:false) finishing;
    Array.iter (step state ~only_images:false) steps
  in
  for cost = 0 to depth do
    let rec drain () =
      match queue.(cost) with
      | [] -> ()
      | states ->
        queue.(cost) <- [];
        List.iter expand (List.rev states);
        drain ()
    in
    drain ()
  done;
  space

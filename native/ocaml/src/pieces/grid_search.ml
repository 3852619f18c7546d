open States

type answer = { layers : Cover.layer list; substitution : (int * int) list; price : int; outputs : Grid.t array }

type task = { inputs : Image.t array; outputs : Image.t array }
(** Inputs of demonstrations, then of tests; outputs of demonstrations. *)

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

let explore ?(most = max_int) operations ~depth givens canvas outputs =
  let seen = Seen.create () and space = { states = []; pieces = []; tried = 0 } in
  let least = Array.fold_left (fun n (o : Operations.t) -> min n o.cost) max_int operations in
  let queue = Array.make (depth + 1) [] in
  let found state =
    if Seen.add seen (hash state.value) then begin
      if is_output outputs state.value then space.pieces <- state :: space.pieces;
      if state.cost + least <= depth then begin
        space.states <- state :: space.states;
        queue.(state.cost) <- state :: queue.(state.cost)
      end
    end
  in
  List.iter found givens;
  let expand state =
    Array.iter
      (fun (operation : Operations.t) ->
        let cost = state.cost + operation.cost in
        if cost <= depth && space.tried < most then begin
          let leaf = cost + least > depth in
          if (not leaf) || gives_one operation state.value then begin
            space.tried <- space.tried + 1;
            match if leaf then apply_last operation state.value canvas outputs else apply operation state.value canvas with
            | value -> found { cost; origin = Made (operation, state); value }
            | exception (Image.Fails | Unwanted) -> ()
          end
        end)
      operations
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

let images = function One images -> images | Many _ -> assert false

let answers_as_given ?(firsts = 12) ~depth task =
  let pairs = Array.length task.inputs and demonstrations = Array.length task.outputs in
  let operations = Array.of_list Operations.all in
  let input = { cost = 0; origin = Given 0; value = One task.inputs } in
  let shallow = explore operations ~depth:10 [ input ] None task.outputs in
  let predictions = Sizes.predict (List.rev shallow.states @ List.rev shallow.pieces) task.outputs ~pairs in
  let prediction = match predictions with [] -> None | best :: _ -> Some best in
  let canvas =
    Option.map (fun (p : Sizes.prediction) -> Array.map (fun (h, w) -> Image.blank ~row:0 ~column:0 h w) p.sizes) prediction
  in
  let givens =
    input :: (match canvas with None -> [] | Some canvas -> [ { cost = 0; origin = Given 1; value = One canvas } ])
  in
  let space = explore operations ~depth givens canvas task.outputs in
  let total = Array.fold_left (fun n output -> n + Image.cells output) 0 task.outputs in
  let states = List.stable_sort (fun a b -> Int.compare a.cost b.cost) (List.rev space.pieces) in
  let pieces = Array.of_list (List.map (fun state -> Cover.piece task.outputs total state (images state.value)) states) in
  let found = ref [] in
  let all = Bits.full total in
  let tests layers sizes =
    Array.init (pairs - demonstrations) (fun test ->
        let pair = demonstrations + test in
        let height, width = sizes pair in
        Cover.compose layers pair ~height ~width)
  in
  let price layers = List.fold_left (fun n (layer : Cover.layer) -> n + layer.piece.state.cost + 5) (-5) layers in
  (* Whole pieces *)
  Array.iter
    (fun (piece : Cover.piece) ->
      if Cover.gain piece Everywhere all >= 0 then begin
        let layers = [ { Cover.piece; mode = Everywhere } ] in
        let sizes pair = (Image.height piece.images.(pair), Image.width piece.images.(pair)) in
        found := { layers; substitution = []; price = price layers; outputs = tests layers sizes } :: !found
      end
      else if Sys.getenv_opt "NOSUB" = None then match Cover.substitution task.outputs piece.images with
        | None -> ()
        | Some changes ->
          let layers = [ { Cover.piece; mode = Everywhere } ] in
          let changed = Array.init 256 (fun c -> match List.assoc_opt c changes with Some d -> d | None -> c) in
          let outputs =
            Array.init (pairs - demonstrations) (fun test ->
              (Image.recolor piece.images.(demonstrations + test) (fun c -> changed.(c))).grid)
          in
          found := { layers; substitution = changes; price = price layers + 5 + (3 * List.length changes); outputs } :: !found)
    pieces;
  (match prediction with
  | None -> ()
  | Some { sizes; _ } ->
    let fitting =
      Array.of_list
        (List.filter
           (fun (piece : Cover.piece) ->
             let rec fits pair =
               pair = pairs
               || (Image.height piece.images.(pair), Image.width piece.images.(pair)) = sizes.(pair)
                  && piece.images.(pair).row = 0
                  && piece.images.(pair).column = 0
                  && fits (pair + 1)
             in
             fits demonstrations)
           (Array.to_list pieces)
        |> Cover.distinct)
    in
    let offer = function
      | None -> ()
      | Some layers -> found := { layers; substitution = []; price = price layers; outputs = tests layers (fun pair -> sizes.(pair)) } :: !found
    in
    let rec limits d = if d > depth then [] else d :: limits (d + 10) in
    List.iter (fun limit -> offer (Cover.greedy fitting ~limit ~most:10 all [])) (limits 0);
    let starts =
      Array.to_list fitting
      |> List.concat_map (fun piece ->
             List.filter_map
               (fun mode ->
                 let gain = Cover.gain piece mode all in
                 if gain > 0 && gain < total then Some (gain, { Cover.piece; mode }) else None)
               Cover.modes)
      |> List.stable_sort (fun (a, _) (b, _) -> Int.compare b a)
    in
    List.iteri
      (fun i (_, layer) ->
        if i < firsts then offer (Cover.greedy fitting ~limit:depth ~most:9 (Cover.lay layer all) [ layer ]))
      starts);
  (List.rev !found, space.tried, Array.length pieces)

(* {1 Other forms of a task} *)

type form = { name : string; there : Image.t -> Image.t; back : Image.t -> Image.t; extra : int }

let as_given = { name = ""; there = Fun.id; back = Fun.id; extra = 0 }

let most_frequent task =
  let counts = Array.make 256 0 in
  Array.iter (fun image -> Array.iteri (fun c n -> counts.(c) <- counts.(c) + n) (Image.counts image)) task.inputs;
  let best = ref 0 in
  Array.iteri (fun c n -> if n > counts.(!best) then best := c) counts;
  !best

let forms_of task =
  let background = most_frequent task in
  let transposed = { name = "transposed"; there = Symmetries.transposed; back = Symmetries.transposed; extra = 3 } in
  let swapped = Recoloring.swap 0 background in
  (if background = 0 then [] else [ { name = "swap"; there = swapped; back = swapped; extra = 3 } ])
  @ (if !Settings.transpose then [ transposed ] else [])

let answers ~depth task =
  let forms = as_given :: forms_of task in
  let results =
    List.map
      (fun form ->
        let task = { inputs = Array.map form.there task.inputs; outputs = Array.map form.there task.outputs } in
        let found, tried, pieces = answers_as_given ~depth task in
        let back grid = (form.back (Image.of_grid grid)).grid in
        (List.map (fun (a : answer) -> { a with price = a.price + form.extra; outputs = Array.map back a.outputs }) found, tried, pieces))
      forms
  in
  let found = List.concat_map (fun (f, _, _) -> f) results in
  let ranked = List.stable_sort (fun a b -> Int.compare a.price b.price) found in
  let rec distinct kept = function
    | [] -> List.rev kept
    | (answer : answer) :: rest ->
      if List.exists (fun (other : answer) -> Array.for_all2 Grid.equal other.outputs answer.outputs) kept then distinct kept rest
      else distinct (answer :: kept) rest
  in
  let sum f = List.fold_left (fun n r -> n + f r) 0 results in
  (distinct [] ranked, sum (fun (_, t, _) -> t), sum (fun (_, _, p) -> p))

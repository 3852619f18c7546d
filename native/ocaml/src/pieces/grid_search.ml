open States

type task = { inputs : Image.t array; outputs : Image.t array }

type settings = {
  depth : int;
  most_answers : int;
  most_tried : int;
  exhaustive : bool;
  starts : int;
}

type answer = { term : Terms.t; price : int; outputs : Grid.t array }
type result = { answers : answer list; tried : int; kept : int; ended : bool }

(* {1 Forms of a task} *)

(* The task with two colors exchanged: the operations take color 0 as empty. *)
type form = { swapped : int }

let as_given = { swapped = 0 }
let seen form image = if form.swapped = 0 then image else Recoloring.swap 0 form.swapped image
let seen_term form term = if form.swapped = 0 then term else Solution.swapped form.swapped term
let price_of_form form = if form.swapped = 0 then 0 else 3

let most_frequent images =
  let counts = Array.make 256 0 in
  Array.iter (fun image -> Array.iteri (fun c n -> counts.(c) <- counts.(c) + n) (Image.counts image)) images;
  let best = ref 0 in
  Array.iteri (fun c n -> if n > counts.(!best) then best := c) counts;
  !best

let forms task =
  let background = most_frequent task.inputs in
  if background = 0 then [ as_given ] else [ as_given; { swapped = background } ]

(* {1 Answers in one form} *)

type found = {
  task : task;
  form : form;
  demonstrations : int;
  scene : Solution.scene;
  mutable answers : answer list;  (* last first *)
}

(* What is laid costs what its pieces cost, and each but the first a little more. *)
let layer_price = 5

let price layers = List.fold_left (fun n (layer : Cover.layer) -> n + layer.piece.state.cost + layer_price) (-layer_price) layers

let add found ~price ~term outputs =
  let back image = (seen found.form image).Image.grid in
  let term = Solution.program (seen_term found.form term) in
  found.answers <- { term; price = price + price_of_form found.form; outputs = Array.map back outputs } :: found.answers

let tests found images = Array.sub images found.demonstrations (Array.length images - found.demonstrations)

(* Pieces that are the output by themselves, as they are or with some colors in place of others. *)
let add_whole found all (piece : Cover.piece) =
  let layers = [ { Cover.piece; mode = Everywhere } ] in
  let term () = Solution.layers found.scene layers in
  if Cover.gain piece Everywhere all >= 0 then add found ~price:(price layers) ~term:(term ()) (tests found piece.images)
  else
    match Cover.substitution found.task.outputs piece.images with
    | None -> ()
    | Some changes ->
      let price = price layers + 5 + (3 * List.length changes) in
      let replaced image = Image.recolor image (fun c -> Option.value ~default:c (List.assoc_opt c changes)) in
      add found ~price ~term:(Solution.substituted changes (term ())) (Array.map replaced (tests found piece.images))

let has_sizes sizes (piece : Cover.piece) =
  let rec agree pair =
    pair = Array.length sizes
    ||
    let image = piece.images.(pair) in
    image.row = 0 && image.column = 0 && (Image.height image, Image.width image) = sizes.(pair) && agree (pair + 1)
  in
  agree 0

let most_layers = 10

let add_covers settings found all sizes pieces =
  let total = Bits.count all in
  let offer = function
    | None | Some [ { Cover.mode = Everywhere; _ } ] -> ()
    | Some layers ->
      let outputs =
        Array.init
          (Array.length sizes - found.demonstrations)
          (fun test ->
            let pair = found.demonstrations + test in
            let height, width = sizes.(pair) in
            Cover.compose layers pair ~height ~width)
      in
      add found ~price:(price layers) ~term:(Solution.layers found.scene layers) (Array.map Image.of_grid outputs)
  in
  let limits = List.sort_uniq Int.compare (List.map (fun (piece : Cover.piece) -> piece.state.cost) (Array.to_list pieces)) in
  List.iter (fun limit -> offer (Cover.greedy pieces ~limit ~most:most_layers all [])) limits;
  let begins (piece : Cover.piece) mode =
    let gain = Cover.gain piece mode all in
    if gain > 0 && gain < total then Some (gain, { Cover.piece; mode }) else None
  in
  let starts =
    List.concat_map (fun piece -> List.filter_map (begins piece) Cover.modes) (Array.to_list pieces)
    |> List.stable_sort (fun (a, _) (b, _) -> Int.compare b a)
    |> List.filteri (fun i _ -> i < settings.starts)
  in
  let begun (_, (layer : Cover.layer)) =
    offer (Cover.greedy pieces ~limit:max_int ~most:(most_layers - 1) (Cover.lay layer all) [ layer ])
  in
  List.iter begun starts

(* {1 One form at one depth} *)

let images = function One images -> images | Many _ -> invalid_arg "Grid_search.images"
let size_depth = 10

let answers_of_form settings ~is_over operations ~depth form task =
  let task = { inputs = Array.map (seen form) task.inputs; outputs = Array.map (seen form) task.outputs } in
  let demonstrations = Array.length task.outputs in
  let input = { cost = 0; origin = Given Input; value = One task.inputs } in
  let explore = Exploration.run ~is_over operations in
  let shallow = explore ~depth:(min depth size_depth) [ input ] None task.outputs in
  let sized = List.rev_append shallow.states (List.rev shallow.pieces) in
  let prediction = Sizes.predict sized task.outputs ~pairs:(Array.length task.inputs) in
  let canvas = Option.map (fun (p : Sizes.prediction) -> Array.map (fun (h, w) -> Image.blank ~row:0 ~column:0 h w) p.sizes) prediction in
  let blank canvas = { cost = 0; origin = Given Canvas; value = One canvas } in
  let space = explore ~depth (input :: Option.to_list (Option.map blank canvas)) canvas task.outputs in
  let total = Array.fold_left (fun n output -> n + Image.cells output) 0 task.outputs in
  let states = List.stable_sort (fun a b -> Int.compare a.cost b.cost) (List.rev space.pieces) in
  let pieces = List.map (fun state -> Cover.piece task.outputs total state (images state.value)) states in
  let scene = { Solution.input = seen_term form; prediction } in
  let found = { task; form; demonstrations; scene; answers = [] } in
  let all = Bits.full total in
  List.iter (add_whole found all) pieces;
  Option.iter
    (fun ({ sizes; _ } : Sizes.prediction) ->
      let fitting = Cover.distinct (List.filter (has_sizes sizes) pieces) in
      add_covers settings found all sizes (Array.of_list fitting))
    prediction;
  (List.rev found.answers, List.length space.states + List.length pieces)

(* {1 The search} *)

(* Of equal answers to all tests the cheapest, best first. *)
let ranked (answers : answer list) =
  let same (a : answer) (b : answer) = Array.for_all2 Grid.equal a.outputs b.outputs in
  let distinct kept answer = if List.exists (same answer) kept then kept else answer :: kept in
  List.stable_sort (fun (a : answer) (b : answer) -> Int.compare a.price b.price) answers |> List.fold_left distinct [] |> List.rev

(* On training tasks nearly all answers below this price are right, and few above it. *)
let convincing = 60

(* Two usual steps, then three tenths of a step more each time. *)
let first_depth = 20
let deeper = 3

let run settings ~is_over operations task =
  let tried = ref 0 and cut = ref false in
  let is_over () =
    if not !cut then
      if !tried >= settings.most_tried || is_over () then cut := true else incr tried;
    !cut
  in
  let forms = forms task in
  let rec deepen depth kept (known : answer list) =
    let results = List.map (fun form -> answers_of_form settings ~is_over operations ~depth form task) forms in
    let answers = ranked (known @ List.concat_map fst results) in
    let kept = List.fold_left (fun n (_, k) -> n + k) kept results in
    let convinced =
      (not settings.exhaustive) && match answers with best :: _ -> best.price < convincing | [] -> false
    in
    if !cut || convinced || depth >= settings.depth then
      let answers = List.filteri (fun i _ -> i < settings.most_answers) answers in
      { answers; tried = !tried; kept; ended = not !cut }
    else deepen (min settings.depth (depth + deeper)) kept answers
  in
  deepen (min settings.depth first_depth) 0 []

let applied name arguments = Terms.Application (Name name, arguments)
(* The names of this module begin as those of the operations. *)
let call name arguments = applied (Operations.prefix ^ name) arguments
let integer n = Terms.Name (string_of_int n)

(* Terms under so many lambdas beside the program's own; [input] is that of the grid as it was searched. *)
type scene = { input : Terms.t -> Terms.t; prediction : Sizes.prediction option }

let rec state scene ~under (s : States.t) : Terms.t =
  match s.origin with
  | Given Input -> scene.input (call "piece" [ Variable under ])
  | Given Canvas -> canvas scene ~under
  | Made (operation, source) ->
    let made ~under subject =
      let arguments = List.map integer operation.arguments in
      match operation.meaning with
      | Fit _ -> applied operation.name [ subject; canvas scene ~under ]
      | Change _ | Split _ | Choose _ | Select _ -> applied operation.name (arguments @ [ subject ])
    in
    let source_term = state scene ~under source in
    begin
      match (operation.meaning, source.value) with
      | (Change _ | Fit _), Many _ ->
        applied "map" [ Lambda (made ~under:(under + 1) (Variable 0)); source_term ]
      | _ -> made ~under source_term
    end

and canvas scene ~under =
  match scene.prediction with
  | None -> invalid_arg "Solution.canvas"
  | Some { height = Side h; width = Side w; _ }
    when h.state == w.state && h.tall && (not w.tall) && h.times = 1 && w.times = 1 && h.over = 1 && w.over = 1 && h.plus = 0
         && w.plus = 0 ->
    call "size_0" [ state scene ~under h.state ]
  | Some { height; width; _ } -> call "canvas" [ side scene ~under height; side scene ~under width ]

and side scene ~under = function
  | Constant n -> integer n
  | Side { state = s; tall; times; over; plus } ->
    let length = call (if tall then "height" else "width") [ state scene ~under s ] in
    let length = if times = 1 then length else applied "*" [ length; integer times ] in
    let length = if over = 1 then length else call "divided" [ length; integer over ] in
    if plus = 0 then length else applied "+" [ length; integer plus ]

let rec layers scene = function
  | [] -> canvas scene ~under:0
  | ({ piece; mode } : Cover.layer) :: below -> begin
    let term = state scene ~under:0 piece.state in
    match (mode, below) with
    | Everywhere, _ | Filled, [] -> term
    | Filled, _ -> call "over" [ term; layers scene below ]
    | Zeros, _ -> call "within" [ term; layers scene below ]
  end

(* One color after the other, in an order in which none that was put in place is replaced again; a cycle is opened by
   a color that no grid has, another one for each. *)
let first_spare = 10

let rec replacements ?(spare = first_spare) = function
  | [] -> []
  | changes -> begin
    let is_source (_, onto) = List.mem_assoc onto changes in
    match List.partition is_source changes with
    | (from, onto) :: rest, [] -> ((from, spare) :: replacements ~spare:(spare + 1) rest) @ [ (spare, onto) ]
    | waiting, ready -> ready @ replacements ~spare waiting
  end

let substituted changes term =
  List.fold_left (fun term (from, onto) -> call "replace" [ integer from; integer onto; term ]) term (replacements changes)

let swapped color term = call "swap" [ integer 0; integer color; term ]
let program piece : Terms.t = Lambda (call "of_piece" [ piece ])

open Values

(* A piece is a grid and where its first cell lies: a list of row, column and grid. *)
let of_image (image : Image.t) =
  Budget.allocate (3 + Image.cells image);
  Cons (int image.row, Cons (int image.column, Cons (Grid image.grid, Nil)))

(* Pieces farther from the origin are an error, so that no sum of places overflows. *)
let farthest = 1_000_000

let to_image = function
  | Cons (Int row, Cons (Int column, Cons (Grid grid, Nil))) ->
    let size = Grid.cells grid in
    if size = 0 || size > Image.most_cells || abs row > farthest || abs column > farthest then
      fail "a piece without cells, with too many, or too far away";
    Budget.steps (1 + (size lsr 4));
    { Image.row; column; grid }
  | _ -> wrong_kind ()

let to_images list = Array.of_list (List.rev_map to_image (reversed_elements list))

let of_images images =
  Budget.allocate (Array.length images);
  Array.fold_right (fun image rest -> Cons (of_image image, rest)) images Nil

let checked f = match f () with value -> value | exception Image.Fails -> fail "there is no such piece"
let number = function Int n -> n | _ -> wrong_kind ()
let prefix = Operations.prefix

(* {1 The operations of the search} *)

let ty (operation : Operations.t) =
  let arguments = String.concat "" (List.map (fun _ -> "int -> ") operation.arguments) in
  let own =
    match operation.meaning with
    | Change _ -> "tpiece -> tpiece"
    | Split _ -> "tpiece -> list(tpiece)"
    | Choose _ -> "list(tpiece) -> tpiece"
    | Select _ -> "list(tpiece) -> list(tpiece)"
    | Fit _ -> "tpiece -> tpiece -> tpiece"
  in
  arguments ^ own

let run (operation : Operations.t) value =
  match operation.meaning with
  | Change f -> checked (fun () -> of_image (f (to_image value)))
  | Split f -> checked (fun () -> of_images (f (to_image value)))
  | Choose f -> checked (fun () -> of_image (f (to_images value)))
  | Select f -> checked (fun () -> of_images (f (to_images value)))
  | Fit _ -> wrong_kind ()

(* Operations of one name are one primitive of their arguments. *)
let implementation (family : Operations.t list) : Primitive.implementation =
  let of_arguments arguments =
    match List.find_opt (fun (each : Operations.t) -> each.arguments = arguments) family with
    | Some operation -> operation
    | None -> fail "the search has no such operation"
  in
  match family with
  | [ { meaning = Fit f; _ } ] ->
    Binary (fun piece canvas -> checked (fun () -> of_image (f (to_image piece) (to_image canvas))))
  | [ ({ arguments = []; _ } as operation) ] -> Unary (run operation)
  | { arguments = [ _ ]; _ } :: _ -> Binary (fun a value -> run (of_arguments [ number a ]) value)
  | { arguments = [ _; _ ]; _ } :: _ -> Ternary (fun a b value -> run (of_arguments [ number a; number b ]) value)
  | _ -> invalid_arg "Primitives_search.implementation"

let families =
  let names = List.sort_uniq String.compare (List.map (fun (each : Operations.t) -> each.name) Operations.all) in
  let family name = List.filter (fun (each : Operations.t) -> each.name = name) Operations.all in
  let first name = List.find (fun (each : Operations.t) -> each.name = name) Operations.all in
  let position (operation : Operations.t) =
    let rec find i = function [] -> i | each :: rest -> if each == operation then i else find (i + 1) rest in
    find 0 Operations.all
  in
  List.sort (fun a b -> Int.compare (position (first a)) (position (first b))) names |> List.map family

let operation family =
  let first : Operations.t = List.hd family in
  Primitive.make ~doc:first.doc first.name (ty first) (implementation family)

(* {1 What puts pieces together} *)

let canvas height width =
  checked (fun () -> of_image (Image.blank ~row:0 ~column:0 (number height) (number width)))

let replaced from onto piece =
  let from = number from and onto = number onto in
  if onto < 0 || onto > 255 then fail "a color beyond 255";
  of_image (Image.recolor (to_image piece) (fun c -> if c = from then onto else c))

let exchanged a b piece =
  let a = number a and b = number b in
  if min a b < 0 || max a b > 255 then fail "a color beyond 255";
  of_image (Recoloring.swap a b (to_image piece))

let divided a b =
  let a = number a and b = number b in
  if b = 0 || a mod b <> 0 then fail "a side that is no whole number" else Int (a / b)

let over top below = of_image (Image.over (to_image top) (to_image below))
let within mask below = of_image (Image.within (to_image mask) (to_image below))

let fixed =
  let make ?example name ty implementation doc = Primitive.make ?example ~doc (prefix ^ name) ty implementation in
  [
    make "piece" "tgrid -> tpiece"
      (Unary (function Grid grid -> of_image (Image.of_grid grid) | _ -> wrong_kind ()))
      "the grid as a piece, at the origin";
    make "of_piece" "tpiece -> tgrid" (Unary (fun piece -> Grid (to_image piece).grid)) "the piece as a grid";
    make "canvas" "int -> int -> tpiece" (Binary canvas) "a piece of zeros, by height and width";
    make "height" "tpiece -> int" (Unary (fun piece -> Int (Image.height (to_image piece)))) "the rows";
    make "width" "tpiece -> int" (Unary (fun piece -> Int (Image.width (to_image piece)))) "the columns";
    make "divided" "int -> int -> int" (Binary divided) "a length divided by a number of parts"
      ~example:{ program = Printf.sprintf "(%sdivided 6 3)" prefix; inputs = "[]"; value = "2" };
    make "over" "tpiece -> tpiece -> tpiece" (Binary over) "the second piece with the first on top, where that is not 0";
    make "within" "tpiece -> tpiece -> tpiece" (Binary within) "the second piece, 0 where the first is 0";
    make "replace" "int -> int -> tpiece -> tpiece" (Ternary replaced) "the second color in place of the first";
    make "swap" "int -> int -> tpiece -> tpiece" (Ternary exchanged) "two colors exchanged";
  ]

let table = fixed @ List.map operation families

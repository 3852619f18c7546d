open Values

let allocate = Budget.allocate
let look_at count = if count >= 128 then Budget.steps (count lsr 7)

let integer = function Int n -> n | Bool truth -> Bool.to_int truth | _ -> wrong_kind ()

let truth = function
  | Bool truth -> truth
  | Int n -> n <> 0
  | Text text -> text <> ""
  | Nil | Set [||] -> false
  | Grid grid -> grid.height > 0
  | Cons _ | Record _ | Positions _ | Colored _ | Set _ | Function _ | Function2 _ -> true
  | Delayed _ -> wrong_kind ()

let pair first second =
  Budget.allocate 2;
  Cons (first, Cons (second, Nil))

let offset = function Cons (a, Cons (b, Nil)) -> (integer a, integer b) | _ -> wrong_kind ()
let of_offset (rows, columns) = pair (int rows) (int columns)

(* Room for the neighbors of a position, and for a ring around a set. *)
let margin = 4
let reaches coordinate = Cells.fits (coordinate - margin) && Cells.fits (coordinate + margin)

let place (row, column) =
  if reaches row && reaches column then Cells.position row column else fail "a position farther than a million cells away"

(* {1 Grids} *)

let color n = if n >= Grid.least && n <= Grid.greatest then n else fail "no color of a grid"

let rec fill_row bytes i = function
  | Cons (cell, rest) ->
    if i < Bytes.length bytes then Bytes.set bytes i (Grid.byte (color (integer cell)));
    fill_row bytes (i + 1) rest
  | Nil -> i
  | _ -> wrong_kind ()

let rec length count = function Cons (_, rest) -> length (count + 1) rest | Nil -> count | _ -> wrong_kind ()

let of_rows rows =
  let height = length 0 rows in
  let width = match rows with Cons (row, _) -> length 0 row | _ -> 0 in
  allocate (height * width);
  let bytes = Bytes.create (height * width) in
  let rec fill row = function
    | Cons (cells, rest) ->
      if length 0 cells <> width then fail "rows of different lengths are no grid";
      ignore (fill_row bytes (row * width) cells);
      fill (row + 1) rest
    | _ -> ()
  in
  fill 0 rows;
  Grid.of_bytes ~height ~width bytes

let grid = function Grid grid -> grid | (Cons _ | Nil) as rows -> of_rows rows | _ -> wrong_kind ()
let of_grid (grid : Grid.t) = Grid grid

(* {1 Containers} *)

let is_set = function Positions _ | Colored _ | Set _ -> true | _ -> false

let array_of_list list =
  let array = Array.make (length 0 list) Nil in
  let rec fill i = function
    | Cons (item, rest) ->
      Array.unsafe_set array i item;
      fill (i + 1) rest
    | _ -> array
  in
  fill 0 list

let items = function
  | (Cons _ | Nil) as list ->
    let array = array_of_list list in
    look_at (Array.length array);
    array
  | Set elements -> elements
  | (Positions cells | Colored cells) as set ->
    allocate (Array.length cells);
    Option.value ~default:[||] (Sets.to_array set)
  | Grid grid ->
    allocate (Grid.cells grid);
    array_of_list (rows_of grid)
  | _ -> wrong_kind ()

let list array =
  allocate (Array.length array);
  let rec from i rest = if i < 0 then rest else from (i - 1) (Cons (Array.unsafe_get array i, rest)) in
  from (Array.length array - 1) Nil

let set array =
  allocate (Array.length array);
  look_at (Array.length array);
  Sets.of_array array

let shaped container array = if is_set container then set array else list array

(* {1 Patches} *)

let as_set = function
  | Cons _ as list -> set (array_of_list list)
  | Grid grid -> set (array_of_list (rows_of grid))
  | Nil -> Sets.empty
  | value -> value

let positions value =
  match as_set value with
  | Positions places -> places
  | Colored cells ->
    look_at (Array.length cells);
    Cells.places cells
  | Set [||] -> [||]
  | _ -> wrong_kind ()

let patch value = match positions value with [||] -> None | places -> Some places
let colored value = match as_set value with Colored cells -> cells | Set [||] -> [||] | _ -> wrong_kind ()

let colored_in_turn = function
  | Cons _ as list ->
    let packed value = match Sets.packed_colored value with Some cell -> cell | None -> wrong_kind () in
    let cells = Array.map packed (array_of_list list) in
    allocate (Array.length cells);
    cells
  | set -> colored set

let is_patch = function Positions _ | Colored _ | Set [||] -> true | _ -> false

let like value of_positions of_colored =
  match as_set value with
  | Positions places -> of_positions places
  | Colored cells -> of_colored cells
  | Set [||] -> Sets.empty
  | _ -> wrong_kind ()

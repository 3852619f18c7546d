open Values

let[@inline] pair first second = Cons (first, Cons (second, Nil))
let position place = pair (int (Cells.row place)) (int (Cells.column place))
let colored cell = pair (int (Cells.color cell)) (position (Cells.place cell))

(* Of what cannot be packed, −1; packed elements are not negative. *)
let[@inline] pack_position = function
  | Cons (Int row, Cons (Int column, Nil)) when Cells.fits row && Cells.fits column -> Cells.position row column
  | _ -> -1

let pack_colored = function
  | Cons (Int color, Cons (position, Nil)) when Cells.color_fits color ->
    let place = pack_position position in
    if place < 0 then -1 else Cells.colored color place
  | _ -> -1

let packed pack value = match pack value with -1 -> None | packed -> Some packed
let packed_position value = packed pack_position value
let packed_colored value = packed pack_colored value

let rank = function
  | Bool _ -> 0
  | Int _ -> 1
  | Text _ -> 2
  | Nil | Cons _ | Grid _ -> 3
  | Record _ -> 4
  | Positions _ | Colored _ | Set _ -> 5
  | Function _ | Function2 _ | Delayed _ -> 6

let to_array = function
  | Positions places -> Some (Array.map position places)
  | Colored cells -> Some (Array.map colored cells)
  | Set elements -> Some elements
  | _ -> None

let elements set = Option.value ~default:[||] (to_array set)

(* Sets have an element at least, the first one in their first row, the last one in their last. *)
let compare_cells place a b =
  let row cell = Cells.row (place cell) in
  let rows (cells : Cells.t) = row cells.(Array.length cells - 1) - row cells.(0) in
  match Int.compare (rows b) (rows a) with
  | 0 -> begin match Int.compare (row b.(0)) (row a.(0)) with 0 -> Cells.compare a b | order -> order end
  | order -> order

let rec compare left right =
  match (left, right) with
  | Int a, Int b -> Int.compare a b
  | Bool a, Bool b -> Bool.compare a b
  | Text a, Text b -> String.compare a b
  | Nil, Nil -> 0
  | Nil, Cons _ -> -1
  | Cons _, Nil -> 1
  | Cons _, Cons _ -> begin
    let a = pack_colored left in
    let b = if a < 0 then -1 else pack_colored right in
    if b >= 0 then Int.compare a b else compare_lists left right
  end
  | Grid a, Grid b -> Grid.compare a b
  | Grid grid, (Cons _ | Nil) -> compare (rows_of grid) right
  | (Cons _ | Nil), Grid grid -> compare left (rows_of grid)
  | Record a, Record b -> Stdlib.compare (a.keys, a.hash) (b.keys, b.hash)
  | Positions a, Positions b -> compare_cells Fun.id a b
  | Colored a, Colored b -> compare_cells Cells.place a b
  | (Positions _ | Colored _ | Set _), (Positions _ | Colored _ | Set _) -> compare_arrays (elements left) (elements right)
  | _ -> Int.compare (rank left) (rank right)

and compare_lists left right =
  match (left, right) with
  | Cons (a, rest), Cons (b, rest') -> begin match compare a b with 0 -> compare_lists rest rest' | order -> order end
  | _ -> compare left right

and compare_arrays left right =
  let rec go i =
    if i = Array.length left || i = Array.length right then Int.compare (Array.length left) (Array.length right)
    else begin
      match compare left.(i) right.(i) with 0 -> go (i + 1) | order -> order
    end
  in
  go 0

let empty = Set [||]
let of_positions places = if Array.length places = 0 then empty else Positions places
let of_colored cells = if Array.length cells = 0 then empty else Colored cells

(* All elements packed, [None] as soon as one is something else. *)
let all_packed pack array =
  let first = pack (Array.unsafe_get array 0) in
  if first < 0 then None
  else begin
    let count = Array.length array in
    let cells = Array.make count first in
    let rec go i =
      if i = count then Some cells
      else begin
        let cell = pack (Array.unsafe_get array i) in
        if cell < 0 then None
        else begin
          Array.unsafe_set cells i cell;
          go (i + 1)
        end
      end
    in
    go 1
  end

(* Functions are never equal, so that each stays. *)
let distinct array =
  let keep element = function
    | next :: _ as kept when equal element next -> kept
    | kept -> element :: kept
  in
  Array.of_list (Array.fold_right keep array [])

let of_array array =
  match array with
  | [||] -> empty
  | array -> begin
    match all_packed pack_position array with
    | Some places -> Positions (Cells.of_unsorted places)
    | None -> begin
      match all_packed pack_colored array with
      | Some cells -> Colored (Cells.of_unsorted cells)
      | None ->
        Array.stable_sort compare array;
        Set (distinct array)
    end
  end

open Cells

let center set =
  let { top; left; bottom; right } = box set in
  (top + ((bottom - top + 1) / 2), left + ((right - left + 1) / 2))

let center_of_mass set =
  let rows = Array.fold_left (fun sum place -> sum + row place) 0 set in
  let columns = Array.fold_left (fun sum place -> sum + column place) 0 set in
  let mean sum =
    let count = Array.length set in
    if sum >= 0 then sum / count else -((-sum + count - 1) / count)
  in
  (mean rows, mean columns)

let corners set =
  let { top; left; bottom; right } = box set in
  of_unsorted [| position top left; position top right; position bottom left; position bottom right |]

let rectangle { top; left; bottom; right } =
  let width = right - left + 1 in
  Array.init ((bottom - top + 1) * width) (fun i -> position (top + (i / width)) (left + (i mod width)))

let backdrop set = rectangle (box set)

let frame { top; left; bottom; right } =
  let along_rows = List.concat (List.init (bottom - top + 1) (fun i -> [ position (top + i) left; position (top + i) right ])) in
  let along_columns = List.concat (List.init (right - left + 1) (fun i -> [ position top (left + i); position bottom (left + i) ])) in
  of_unsorted (Array.of_list (along_rows @ along_columns))

let ring lines set =
  let { top; left; bottom; right } = box set in
  let a = top - lines and b = bottom + lines and c = left - lines and d = right + lines in
  frame { top = min a b; bottom = max a b; left = min c d; right = max c d }

let line (row, column) (row', column') =
  let down = row' - row and right = column' - column in
  if down <> 0 && right <> 0 && abs down <> abs right then [||]
  else begin
    let steps = max (abs down) (abs right) in
    of_unsorted (Array.init (steps + 1) (fun i -> position (row + (i * Int.compare down 0)) (column + (i * Int.compare right 0))))
  end

let neighbors ~straight ~diagonal row column =
  let around = List.concat_map (fun down -> List.map (fun right -> (down, right)) [ -1; 0; 1 ]) [ -1; 0; 1 ] in
  let wanted (down, right) = match abs down + abs right with 1 -> straight | 2 -> diagonal | _ -> false in
  Array.of_list (List.map (fun (down, right) -> position (row + down) (column + right)) (List.filter wanted around))

(* Rows are sorted in a set; columns are not. *)
let share_row a b = intersection (of_unsorted (Array.map row a)) (of_unsorted (Array.map row b)) <> [||]
let share_column a b = intersection (of_unsorted (Array.map column a)) (of_unsorted (Array.map column b)) <> [||]

let steps = [| (-1, 0); (0, -1); (0, 1); (1, 0) |]

(* The box around a set as a table, beyond which nothing is in the set. *)
let membership set =
  let { top; left; bottom; right } = box set in
  let height = bottom - top + 1 and width = right - left + 1 in
  if height * width > 4096 then fun row column -> fits row && fits column && mem (position row column) set
  else begin
    let table = Bytes.make (height * width) '\000' in
    Array.iter (fun place -> Bytes.unsafe_set table (((row place - top) * width) + column place - left) '\001') set;
    fun row column ->
      row >= top && row <= bottom && column >= left && column <= right
      && Bytes.unsafe_get table (((row - top) * width) + column - left) = '\001'
  end

(* Both sets moved apart by an offset of the first. *)
let adjacent_when_moved within rows columns a =
  let touches = ref false in
  let rec go i =
    i = Array.length a
    ||
    let row = row (Array.unsafe_get a i) + rows and column = column (Array.unsafe_get a i) + columns in
    (not (within row column))
    && begin
         if not !touches then
           touches := Array.exists (fun (down, right) -> within (row + down) (column + right)) steps;
         go (i + 1)
       end
  in
  go 0 && !touches

let adjacent a b = adjacent_when_moved (membership b) 0 0 a

let distance a b =
  let nearest place =
    Array.fold_left (fun least place' -> min least (abs (row place - row place') + abs (column place - column place'))) max_int b
  in
  Array.fold_left (fun least place -> min least (nearest place)) max_int a

let most_steps = 42

let gravitate a b =
  let row, column = center a and row', column' = center b in
  let down, right = if share_column a b then ((if row < row' then 1 else -1), 0) else (0, if column < column' then 1 else -1) in
  let within = membership b in
  let rec moved count =
    if count = most_steps || adjacent_when_moved within (count * down) (count * right) a then count else moved (count + 1)
  in
  let count = moved 0 in
  (count * down, count * right)

let position a b =
  let row, column = center a and row', column' = center b in
  let across = if column < column' then 1 else -1 in
  if row = row' then (0, across)
  else if column = column' then ((if row < row' then 1 else -1), 0)
  else ((if row < row' then 1 else -1), across)

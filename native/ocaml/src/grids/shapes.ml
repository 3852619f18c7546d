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
  Cells.init ((bottom - top + 1) * width) (fun i -> position (top + (i / width)) (left + (i mod width)))

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
    of_unsorted (Cells.init (steps + 1) (fun i -> position (row + (i * Int.compare down 0)) (column + (i * Int.compare right 0))))
  end

let neighbors ~straight ~diagonal row column =
  let around = List.concat_map (fun down -> List.map (fun right -> (down, right)) [ -1; 0; 1 ]) [ -1; 0; 1 ] in
  let wanted (down, right) = match abs down + abs right with 1 -> straight | 2 -> diagonal | _ -> false in
  Array.of_list (List.map (fun (down, right) -> position (row + down) (column + right)) (List.filter wanted around))

(* Rows are sorted in a set; columns are not. *)
let share_row a b = intersection (of_unsorted (Cells.map row a)) (of_unsorted (Cells.map row b)) <> [||]
let share_column a b = intersection (of_unsorted (Cells.map column a)) (of_unsorted (Cells.map column b)) <> [||]

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

(* Every cell of one set against every cell of the other. *)
let distance_by_pairs a b =
  let least = ref max_int in
  for i = 0 to Array.length a - 1 do
    let row_ = row a.(i) and column_ = column a.(i) in
    for j = 0 to Array.length b - 1 do
      let place = Array.unsafe_get b j in
      let distance = abs (row_ - row place) + abs (column_ - column place) in
      if distance < !least then least := distance
    done
  done;
  !least

(* A box in which the distance of each cell from [b] is known after a pass down and a pass up. *)
let distance_by_box { top; left; bottom; right } a b =
  let height = bottom - top + 1 and width = right - left + 1 in
  let far = height + width in
  let distances = Array.make (height * width) far in
  let index place = ((row place - top) * width) + column place - left in
  Array.iter (fun place -> distances.(index place) <- 0) b;
  let relax i from = if distances.(from) + 1 < distances.(i) then distances.(i) <- distances.(from) + 1 in
  for i = 0 to (height * width) - 1 do
    if i >= width then relax i (i - width);
    if i mod width > 0 then relax i (i - 1)
  done;
  for i = (height * width) - 1 downto 0 do
    if i + width < height * width then relax i (i + width);
    if i mod width < width - 1 then relax i (i + 1)
  done;
  Array.fold_left (fun least place -> Int.min least distances.(index place)) far a

let joint a b =
  let a = box a and b = box b in
  {
    top = Int.min a.top b.top; left = Int.min a.left b.left; bottom = Int.max a.bottom b.bottom;
    right = Int.max a.right b.right;
  }

let distance_work a b =
  let { top; left; bottom; right } = joint a b in
  let pairs = Array.length a * Array.length b in
  Int.min pairs (4 * (bottom - top + 1) * (right - left + 1))

let distance a b =
  if distance_work a b < Array.length a * Array.length b then distance_by_box (joint a b) a b else distance_by_pairs a b

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

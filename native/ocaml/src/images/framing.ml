open Image

let is_empty_row image y =
  let rec scan x = x = width image || (at image ((y * width image) + x) = 0 && scan (x + 1)) in
  scan 0

let is_empty_column image x =
  let rec scan y = y = height image || (at image ((y * width image) + x) = 0 && scan (y + 1)) in
  scan 0

let rec first test i last = if i > last then -1 else if test i then i else first test (i + 1) last
let rec last test i = if i < 0 then -1 else if test i then i else last test (i - 1)

let crop image =
  let top = first (fun y -> not (is_empty_row image y)) 0 (height image - 1) in
  if top < 0 then fails ();
  let bottom = last (fun y -> not (is_empty_row image y)) (height image - 1) in
  let left = first (fun x -> not (is_empty_column image x)) 0 (width image - 1) in
  let right = last (fun x -> not (is_empty_column image x)) (width image - 1) in
  part image ~top ~left ~height:(bottom - top + 1) ~width:(right - left + 1)

(* The rows and columns for which a test holds, in order. *)
let pick image rows columns =
  let rows = Array.of_list rows and columns = Array.of_list columns in
  let height = Array.length rows and columns_count = Array.length columns in
  check height columns_count;
  let bytes = Bytes.create (height * columns_count) in
  for y = 0 to height - 1 do
    for x = 0 to columns_count - 1 do
      set bytes ((y * columns_count) + x) (at image ((rows.(y) * width image) + columns.(x)))
    done
  done;
  of_bytes ~row:image.row ~column:image.column ~height ~width:columns_count bytes

let those test size = List.filter test (List.init size Fun.id)

let without_empty_lines image =
  pick image
    (those (fun y -> not (is_empty_row image y)) (height image))
    (those (fun x -> not (is_empty_column image x)) (width image))

let same_rows image a b =
  let rec agree x =
    x = width image || (at image ((a * width image) + x) = at image ((b * width image) + x) && agree (x + 1))
  in
  agree 0

let same_columns image a b =
  let rec agree y =
    y = height image || (at image ((y * width image) + a) = at image ((y * width image) + b) && agree (y + 1))
  in
  agree 0

let without_repeated_lines image =
  pick image
    (those (fun y -> y = 0 || not (same_rows image y (y - 1))) (height image))
    (those (fun x -> x = 0 || not (same_columns image x (x - 1))) (width image))

let to_origin image = place image 0 0
let shift rows columns image = place image (image.row + rows) (image.column + columns)
let blank_here color image = blank ~color ~row:image.row ~column:image.column (height image) (width image)
let blank_at_origin color image = blank ~color ~row:0 ~column:0 (height image) (width image)
let cell ~row ~column color = blank ~color ~row ~column 1 1
let corner image = cell ~row:image.row ~column:image.column (max 1 (majority image))
let majority_cell image = cell ~row:0 ~column:0 (majority image)
let minority_cell image = cell ~row:0 ~column:0 (Recoloring.least image)

let center image =
  let span size = (((size - 1) / 2), 2 - (size land 1)) in
  let top, height = span (height image) and left, width = span (width image) in
  blank ~color:(max 1 (majority image)) ~row:(image.row + top) ~column:(image.column + left) height width

let half side image =
  let height = height image and width = width image in
  let rows = height / 2 and columns = width / 2 in
  match side with
  | `Top -> part image ~top:0 ~left:0 ~height:rows ~width
  | `Bottom -> part image ~top:(height - rows) ~left:0 ~height:rows ~width
  | `Left -> part image ~top:0 ~left:0 ~height ~width:columns
  | `Right -> part image ~top:0 ~left:(width - columns) ~height ~width:columns

let trim image =
  part image ~top:1 ~left:1 ~height:(height image - 2) ~width:(width image - 2)

(* A number as an image: a square, a row or a column of the majority color. *)
let measure count shape image =
  let n = count image in
  let height, width = match shape with `Square -> (n, n) | `Row -> (1, n) | `Column -> (n, 1) in
  blank ~color:(max 1 (majority image)) ~row:0 ~column:0 height width

let rows_sorted image =
  let w = width image in
  let row y = String.sub image.grid.cells (y * w) w in
  let filled row = String.fold_left (fun n c -> if c = '\000' then n else n + 1) 0 row in
  let rows = List.stable_sort (fun a b -> Int.compare (filled a) (filled b)) (List.init (height image) row) in
  like image (Bytes.of_string (String.concat "" rows))

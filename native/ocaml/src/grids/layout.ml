open Grid

let gather ~height ~width (grid : t) source =
  let cells = Bytes.create (height * width) in
  for row = 0 to height - 1 do
    for column = 0 to width - 1 do
      Bytes.unsafe_set cells ((row * width) + column) (String.unsafe_get grid.cells (source row column))
    done
  done;
  of_bytes ~height ~width cells

(* Turns and mirrors swap the sides or keep them; they name the cell that goes to a row and column. *)
let turned grid source = gather ~height:grid.width ~width:grid.height grid source
let kept grid source = gather ~height:grid.height ~width:grid.width grid source
let rot90 ({ height; width; _ } as grid) = turned grid (fun row column -> ((height - 1 - column) * width) + row)
let rot180 ({ height; width; _ } as grid) = kept grid (fun row column -> (height * width) - 1 - ((row * width) + column))
let rot270 ({ width; _ } as grid) = turned grid (fun row column -> (column * width) + width - 1 - row)
let hmirror ({ height; width; _ } as grid) = kept grid (fun row column -> ((height - 1 - row) * width) + column)
let vmirror ({ width; _ } as grid) = kept grid (fun row column -> (row * width) + width - 1 - column)
let dmirror ({ width; _ } as grid) = turned grid (fun row column -> (column * width) + row)

let cmirror ({ height; width; _ } as grid) =
  turned grid (fun row column -> ((height - 1 - column) * width) + width - 1 - row)

let scaled ~rows ~columns grid =
  let rows = max 0 rows and columns = max 0 columns in
  gather ~height:(grid.height * rows) ~width:(grid.width * columns) grid (fun row column ->
      (row / rows * grid.width) + (column / columns))

let downscaled factor grid =
  let factor = abs factor in
  let count length = (length + factor - 1) / factor in
  gather ~height:(count grid.height) ~width:(count grid.width) grid (fun row column ->
      (row * factor * grid.width) + (column * factor))

let beside left right =
  let height = min left.height right.height in
  let cells = Bytes.create (height * (left.width + right.width)) in
  for row = 0 to height - 1 do
    let at = row * (left.width + right.width) in
    Bytes.blit_string left.cells (row * left.width) cells at left.width;
    Bytes.blit_string right.cells (row * right.width) cells (at + left.width) right.width
  done;
  of_bytes ~height ~width:(left.width + right.width) cells

let above top bottom =
  if top.height = 0 then Some bottom
  else if bottom.height = 0 then Some top
  else if top.width <> bottom.width then None
  else Some (make ~height:(top.height + bottom.height) ~width:top.width (top.cells ^ bottom.cells))

(* From the first index to the one before the second, as a slice of Python of a sequence of that length. *)
let slice length first next =
  let within index = if index < 0 then max 0 (index + length) else min index length in
  let first = within first and next = within next in
  (first, max 0 (next - first))

let part ~row ~column ~height ~width grid =
  let cells = Bytes.create (height * width) in
  for i = 0 to height - 1 do
    Bytes.blit_string grid.cells (((row + i) * grid.width) + column) cells (i * width) width
  done;
  of_bytes ~height ~width cells

let sliced (first_row, next_row) (first_column, next_column) grid =
  let row, height = slice grid.height first_row next_row and column, width = slice grid.width first_column next_column in
  part ~row ~column ~height ~width grid

let crop ~row ~column ~height ~width grid = sliced (row, row + height) (column, column + width) grid
let trim grid = sliced (1, -1) (1, -1) grid
let tophalf grid = part ~row:0 ~column:0 ~height:(grid.height / 2) ~width:grid.width grid

let bottomhalf grid =
  let height = grid.height / 2 in
  part ~row:(grid.height - height) ~column:0 ~height ~width:grid.width grid

(* As the upper halves of turned grids: a half without columns has no rows either. *)
let lefthalf grid = rot270 (tophalf (rot90 grid))
let righthalf grid = rot270 (bottomhalf (rot90 grid))

let starts length parts =
  let size = length / parts in
  let gap = if length mod parts = 0 then 0 else 1 in
  (size, List.init (max 0 parts) (fun i -> i * (size + gap)))

let hsplit parts grid =
  let width, starts = starts grid.width parts in
  List.map (fun column -> crop ~row:0 ~column ~height:grid.height ~width grid) starts

let vsplit parts grid =
  let height, starts = starts grid.height parts in
  List.map (fun row -> crop ~row ~column:0 ~height ~width:grid.width grid) starts

let compress grid =
  let row_varies row =
    let rec differs column = column < grid.width && (at grid row column <> at grid row 0 || differs (column + 1)) in
    differs 1
  and column_varies column =
    let rec differs row = row < grid.height && (at grid row column <> at grid 0 column || differs (row + 1)) in
    differs 1
  in
  let varying varies length = Array.of_list (List.filter varies (List.init length Fun.id)) in
  let rows = varying row_varies grid.height and columns = varying column_varies grid.width in
  gather ~height:(Array.length rows) ~width:(Array.length columns) grid (fun row column ->
      (rows.(row) * grid.width) + columns.(column))

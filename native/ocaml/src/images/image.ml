type t = { row : int; column : int; grid : Grid.t }

exception Fails

let fails () = raise_notrace Fails
let largest_side = 60
let most_cells = 1800
let[@inline] height image = image.grid.height
let[@inline] width image = image.grid.width
let[@inline] cells image = String.length image.grid.cells
let[@inline] at image i = Char.code (String.unsafe_get image.grid.cells i)
let place image row column = { image with row; column }
let of_grid grid = { row = 0; column = 0; grid }

let check height width =
  if height <= 0 || width <= 0 || height > largest_side || width > largest_side || height * width > most_cells then fails ()

let of_bytes ~row ~column ~height ~width bytes =
  { row; column; grid = Grid.make ~height ~width (Bytes.unsafe_to_string bytes) }

let blank ?(color = 0) ~row ~column height width =
  check height width;
  of_bytes ~row ~column ~height ~width (Bytes.make (height * width) (Char.unsafe_chr color))

let like image bytes = of_bytes ~row:image.row ~column:image.column ~height:(height image) ~width:(width image) bytes
let copy image = Bytes.of_string image.grid.cells
let[@inline] set bytes i color = Bytes.unsafe_set bytes i (Char.unsafe_chr color)

let recolor image color =
  let bytes = Bytes.create (cells image) in
  for i = 0 to cells image - 1 do
    set bytes i (color (at image i))
  done;
  like image bytes

let part image ~top ~left ~height:part_height ~width:part_width =
  check part_height part_width;
  let bytes = Bytes.create (part_height * part_width) in
  for y = 0 to part_height - 1 do
    Bytes.blit_string image.grid.cells (((top + y) * width image) + left) bytes (y * part_width) part_width
  done;
  of_bytes ~row:(image.row + top) ~column:(image.column + left) ~height:part_height ~width:part_width bytes

let overlay bytes ~row ~column ~height:bytes_height ~width:bytes_width image =
  let top = image.row - row and left = image.column - column in
  for y = max 0 (-top) to min (height image) (bytes_height - top) - 1 do
    for x = max 0 (-left) to min (width image) (bytes_width - left) - 1 do
      let color = at image ((y * width image) + x) in
      if color <> 0 then set bytes (((y + top) * bytes_width) + x + left) color
    done
  done

let embed image canvas =
  let bytes = Bytes.make (cells canvas) '\000' in
  overlay bytes ~row:canvas.row ~column:canvas.column ~height:(height canvas) ~width:(width canvas) image;
  like canvas bytes

let stack images =
  if Array.length images = 0 then fails ();
  let fold pick by = Array.fold_left (fun so_far image -> pick so_far (by image)) (by images.(0)) images in
  let row = fold min (fun image -> image.row) and column = fold min (fun image -> image.column) in
  let bottom = fold max (fun image -> image.row + height image) and right = fold max (fun image -> image.column + width image) in
  let height = bottom - row and width = right - column in
  check height width;
  let bytes = Bytes.make (height * width) '\000' in
  for i = Array.length images - 1 downto 0 do
    overlay bytes ~row ~column ~height ~width images.(i)
  done;
  of_bytes ~row ~column ~height ~width bytes

let equal a b = a.row = b.row && a.column = b.column && Grid.equal a.grid b.grid

external word : string -> int -> int64 = "%caml_string_get64u"

let[@inline] mix hash value =
  let hash = (hash lxor value) * 0x1E3779B97F4A7C15 in
  hash lxor (hash lsr 29)

let hash ~seed image =
  let text = image.grid.cells in
  let size = String.length text in
  let hash = ref (mix (mix seed ((image.row lsl 40) lxor (image.column lsl 20) lxor size)) (width image)) in
  let i = ref 0 in
  while !i + 8 <= size do
    let all = word text !i in
    (* Colors take four bits of a byte: the highest bits of a word carry nothing that is lost. *)
    hash := mix !hash (Int64.to_int all lxor Int64.to_int (Int64.shift_right_logical all 56));
    i := !i + 8
  done;
  while !i < size do
    hash := mix !hash (at image !i + 0x1FF);
    incr i
  done;
  !hash

(* {1 Counts} *)

let counts image =
  let counts = Array.make 256 0 in
  for i = 0 to cells image - 1 do
    let color = at image i in
    Array.unsafe_set counts color (Array.unsafe_get counts color + 1)
  done;
  counts

let filled image =
  let filled = ref 0 in
  for i = 0 to cells image - 1 do
    if at image i <> 0 then incr filled
  done;
  !filled

let majority image =
  let counts = counts image in
  let best = ref 0 in
  for color = 1 to 255 do
    if counts.(color) > 0 && (!best = 0 || counts.(color) > counts.(!best)) then best := color
  done;
  !best

let colors image =
  let counts = counts image in
  let distinct = ref 0 in
  for color = 1 to 255 do
    if counts.(color) > 0 then incr distinct
  done;
  !distinct

(* {1 Layers} *)

let over top below =
  let bytes = copy below in
  overlay bytes ~row:below.row ~column:below.column ~height:(height below) ~width:(width below) top;
  like below bytes

let within mask below =
  let seen = embed mask below in
  let bytes = copy below in
  for i = 0 to cells below - 1 do
    if at seen i = 0 then set bytes i 0
  done;
  like below bytes

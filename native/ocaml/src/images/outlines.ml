open Image

let[@inline] around image ~diagonal i visit =
  let w = width image and h = height image in
  let y = i / w and x = i mod w in
  if y > 0 then visit (i - w);
  if x > 0 then visit (i - 1);
  if x < w - 1 then visit (i + 1);
  if y < h - 1 then visit (i + w);
  if diagonal then begin
    if y > 0 && x > 0 then visit (i - w - 1);
    if y > 0 && x < w - 1 then visit (i - w + 1);
    if y < h - 1 && x > 0 then visit (i + w - 1);
    if y < h - 1 && x < w - 1 then visit (i + w + 1)
  end

let stack = Array.make most_cells 0

(* The zero cells that are connected to the edge through zero cells. *)
let outside image ~diagonal =
  let seen = Bytes.make (cells image) '\000' in
  let top = ref 0 in
  let push i =
    if Bytes.unsafe_get seen i = '\000' && at image i = 0 then begin
      Bytes.unsafe_set seen i '\001';
      stack.(!top) <- i;
      incr top
    end
  in
  let w = width image and h = height image in
  for x = 0 to w - 1 do
    push x;
    push (((h - 1) * w) + x)
  done;
  for y = 0 to h - 1 do
    push (y * w);
    push ((y * w) + w - 1)
  done;
  while !top > 0 do
    decr top;
    around image ~diagonal stack.(!top) push
  done;
  seen

let[@inline] is_set bytes i = Bytes.unsafe_get bytes i <> '\000'

let fill image =
  let outside = outside image ~diagonal:false and color = majority image in
  let bytes = copy image in
  for i = 0 to cells image - 1 do
    if at image i = 0 && not (is_set outside i) then set bytes i color
  done;
  like image bytes

let holes image =
  let outside = outside image ~diagonal:false and color = majority image in
  let bytes = Bytes.make (cells image) '\000' in
  for i = 0 to cells image - 1 do
    if at image i = 0 && not (is_set outside i) then set bytes i color
  done;
  like image bytes

(* Cells that touch the outside, or the edge of the image. *)
let touches image outside ~diagonal i =
  let w = width image and h = height image in
  let y = i / w and x = i mod w in
  y = 0 || x = 0 || y = h - 1 || x = w - 1
  ||
  let found = ref false in
  around image ~diagonal i (fun j -> if is_set outside j then found := true);
  !found

let border image =
  let outside = outside image ~diagonal:false in
  let bytes = Bytes.make (cells image) '\000' in
  for i = 0 to cells image - 1 do
    if at image i <> 0 && touches image outside ~diagonal:true i then set bytes i (at image i)
  done;
  like image bytes

let inner image =
  let outside = outside image ~diagonal:false in
  let bytes = Bytes.make (cells image) '\000' in
  for i = 0 to cells image - 1 do
    if at image i <> 0 && not (touches image outside ~diagonal:true i) then set bytes i (at image i)
  done;
  like image bytes

let ring ~diagonal image =
  let bytes = Bytes.make (cells image) '\000' in
  for i = 0 to cells image - 1 do
    if at image i = 0 then begin
      let color = ref 0 in
      around image ~diagonal i (fun j -> if !color = 0 then color := at image j);
      if !color <> 0 then set bytes i 1
    end
  done;
  like image bytes

let enlarged image =
  let height = height image + 2 and width = width image + 2 in
  check height width;
  let bytes = Bytes.make (height * width) '\000' in
  overlay bytes ~row:(image.row - 1) ~column:(image.column - 1) ~height ~width image;
  of_bytes ~row:(image.row - 1) ~column:(image.column - 1) ~height ~width bytes

let frame color image =
  let large = enlarged image in
  let bytes = copy large in
  let h = height large and w = width large in
  for i = 0 to (h * w) - 1 do
    let y = i / w and x = i mod w in
    if y = 0 || x = 0 || y = h - 1 || x = w - 1 then set bytes i color
  done;
  like large bytes

let frame_in_majority image = frame (max 1 (majority image)) image

let ring_alike ~diagonal image =
  let bytes = Bytes.make (cells image) '\000' in
  for i = 0 to cells image - 1 do
    if at image i = 0 then begin
      let color = ref 0 in
      around image ~diagonal i (fun j -> if !color = 0 then color := at image j);
      set bytes i !color
    end
  done;
  like image bytes

let without_specks image =
  let bytes = copy image in
  for i = 0 to cells image - 1 do
    let color = at image i in
    if color <> 0 then begin
      let alone = ref true in
      around image ~diagonal:false i (fun j -> if at image j = color then alone := false);
      if !alone then set bytes i 0
    end
  done;
  like image bytes

(* Enclosed zero cells in the color of what encloses them, first met to the left. *)
let fill_alike image =
  let outside = outside image ~diagonal:false in
  let bytes = copy image in
  for i = 0 to cells image - 1 do
    if at image i = 0 && not (is_set outside i) then Bytes.unsafe_set bytes i (Bytes.unsafe_get bytes (i - 1))
  done;
  like image bytes

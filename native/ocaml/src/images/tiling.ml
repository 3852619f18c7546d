open Image

let whole_factor large small = if large mod small = 0 then large / small else 0

(* Enlarged or reduced by whole factors to the size of the canvas. *)
let broadcast image canvas =
  let h = height image and w = width image and h' = height canvas and w' = width canvas in
  let y_of = if whole_factor h' h > 0 then fun y -> y / (h' / h) else if whole_factor h h' > 0 then fun y -> y * (h / h') else fails () in
  let x_of = if whole_factor w' w > 0 then fun x -> x / (w' / w) else if whole_factor w w' > 0 then fun x -> x * (w / w') else fails () in
  let bytes = Bytes.create (h' * w') in
  for y = 0 to h' - 1 do
    for x = 0 to w' - 1 do
      set bytes ((y * w') + x) (at image ((y_of y * w) + x_of x))
    done
  done;
  like canvas bytes

let modulo a b = ((a mod b) + b) mod b

let tile ~gap ~mirrored image canvas =
  let h = height image and w = width image and h' = height canvas and w' = width canvas in
  let bytes = Bytes.make (h' * w') '\000' in
  let fold position size =
    let period = size + gap in
    let place = modulo position period in
    if place >= size then -1
    else if mirrored && modulo (position - place) (2 * period) <> 0 then size - 1 - place
    else place
  in
  let columns = Array.init w' (fun x -> fold (canvas.column + x - image.column) w) in
  for y = 0 to h' - 1 do
    let row = fold (canvas.row + y - image.row) h in
    if row >= 0 then
      for x = 0 to w' - 1 do
        if columns.(x) >= 0 then set bytes ((y * w') + x) (at image ((row * w) + columns.(x)))
      done
  done;
  like canvas bytes

(* The cells of the image, row by row, around the canvas as a line. *)
let wrap image canvas =
  let bytes = Bytes.make (cells canvas) '\000' in
  for i = 0 to min (cells image) (cells canvas) - 1 do
    set bytes i (at image i)
  done;
  like canvas bytes

let wrap_filled image canvas =
  let bytes = Bytes.make (cells canvas) '\000' in
  let next = ref 0 in
  for i = 0 to cells image - 1 do
    let color = at image i in
    if color <> 0 && !next < cells canvas then begin
      set bytes !next color;
      incr next
    end
  done;
  like canvas bytes

(* A copy of one image for each cell of another. *)
let tensor at_cell image =
  let h = height image and w = width image in
  check (h * h) (w * w);
  let bytes = Bytes.make (h * h * w * w) '\000' in
  for y = 0 to (h * h) - 1 do
    for x = 0 to (w * w) - 1 do
      set bytes ((y * w * w) + x) (at_cell (at image ((y / h * w) + (x / w))) (at image ((y mod h * w) + (x mod w))))
    done
  done;
  of_bytes ~row:0 ~column:0 ~height:(h * h) ~width:(w * w) bytes

let self_tensor image = tensor (fun outer inner -> if outer = 0 then 0 else inner) image
let inverse_tensor image = tensor (fun outer inner -> if outer <> 0 then 0 else inner) image

let majority_tensor image =
  let most = majority image in
  tensor (fun outer inner -> if outer <> most then 0 else inner) image

let minority_tensor image =
  let least = Recoloring.least image in
  tensor (fun outer inner -> if outer <> least then 0 else inner) image

(* Zero cells take the color that stands so many periods away; the smallest period that fits all cells that are not zero. *)
let fits image dy dx =
  let h = height image and w = width image in
  let classes = Bytes.make (dy * dx) '\000' in
  let rec scan i =
    i = h * w
    ||
    let color = at image i in
    if color = 0 then scan (i + 1)
    else begin
      let k = (i / w mod dy * dx) + (i mod w mod dx) in
      let known = Char.code (Bytes.unsafe_get classes k) in
      if known = 0 then begin
        set classes k color;
        scan (i + 1)
      end
      else known = color && scan (i + 1)
    end
  in
  if scan 0 then Some classes else None

let periodic_with image canvas =
  let h = height image and w = width image in
  let best = ref None in
  (try
     for sum = 2 to 24 do
       for dy = max 1 (sum - (2 * w / 3)) to min (2 * h / 3) (sum - 1) do
         let dx = sum - dy in
         match fits image dy dx with
         | Some classes ->
           best := Some (dy, dx, classes);
           raise_notrace Exit
         | None -> ()
       done
     done
   with Exit -> ());
  match !best with
  | None -> fails ()
  | Some (dy, dx, classes) ->
    let w' = width canvas in
    let bytes = Bytes.create (cells canvas) in
    for i = 0 to cells canvas - 1 do
      let y = modulo ((i / w') + canvas.row - image.row) dy and x = modulo ((i mod w') + canvas.column - image.column) dx in
      Bytes.unsafe_set bytes i (Bytes.unsafe_get classes ((y * dx) + x))
    done;
    like canvas bytes

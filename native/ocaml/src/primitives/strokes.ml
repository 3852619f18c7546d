type t = string

(* Of integers alone, which is faster. *)
let min = Int.min
let max = Int.max

let side = 28
let canvas = 9.
let pen = 0.225
let places = 256 (* to a pixel *)
let last = side * places
let scale = float_of_int last /. canvas

(* {1 Places} *)

let bits = 13
let mask = (1 lsl bits) - 1
let place x = max 0 (min last (int_of_float (Float.round x)))

let bounding_box ends count =
  let least_x = ref infinity and most_x = ref neg_infinity in
  let least_y = ref infinity and most_y = ref neg_infinity in
  for end_ = 0 to (2 * count) - 1 do
    let x = ends.(2 * end_) and y = ends.((2 * end_) + 1) in
    if x < !least_x then least_x := x;
    if x > !most_x then most_x := x;
    if y < !least_y then least_y := y;
    if y > !most_y then most_y := y
  done;
  ((!least_x +. !most_x) /. 2., (!least_y +. !most_y) /. 2.)

(* Equal ints next to each other once; how many are left. *)
let without_repetition strokes =
  let kept = ref 0 in
  Array.iter
    (fun stroke ->
      if !kept = 0 || strokes.(!kept - 1) <> stroke then begin
        strokes.(!kept) <- stroke;
        incr kept
      end)
    strokes;
  !kept

let of_lines ends count =
  let middle_x, middle_y = bounding_box ends count in
  let center = float_of_int last /. 2. in
  let end_ i =
    let x = place (center +. ((ends.(i) -. middle_x) *. scale)) in
    let y = place (center -. ((ends.(i + 1) -. middle_y) *. scale)) in
    (x lsl bits) lor y
  in
  let stroke line =
    let first = end_ (4 * line) and second = end_ ((4 * line) + 2) in
    (min first second lsl (2 * bits)) lor max first second
  in
  let strokes = Array.init count stroke in
  Array.stable_sort Int.compare strokes;
  let kept = without_repetition strokes in
  let bytes = Bytes.create (8 * kept) in
  for i = 0 to kept - 1 do Bytes.set_int64_le bytes (8 * i) (Int64.of_int strokes.(i)) done;
  Bytes.unsafe_to_string bytes

(* {1 The picture}

   cairo, which drew the published pictures, takes 15 samples a pixel downward, each of which covers an interval of
   places exactly. No library of OCaml renders so, and the few lines below come closer to cairo's 8-bit pixels than
   other renderers do: a stroke is a rectangle in places, and on each line of samples the rectangles' intervals are
   united before they are added up. *)

let samples = 15
let lines = side * samples

(* The intervals on each line, as left · 2^16 + right, reused by all pictures. *)
let intervals = Array.init lines (fun _ -> ref (Array.make 8 0))
let counts = Array.make lines 0

let add_interval line left right =
  let left = max 0 left and right = min last right in
  if left < right then begin
    let room = intervals.(line) and count = counts.(line) in
    if count = Array.length !room then room := Array.append !room (Array.make count 0);
    !room.(count) <- (left lsl 16) lor right;
    counts.(line) <- count + 1
  end

let floor_divided a b = if a >= 0 then a / b else -((b - 1 - a) / b)
let line_at y = ((y * samples) + (places / 2)) asr 8

(* Where the four edges of one rectangle meet each line: a convex figure has a leftmost and a rightmost place. *)
let lefts = Array.make lines max_int
let rights = Array.make lines min_int

let trace_edge (x, y) (x', y') =
  let x, y, x', y' = if y <= y' then (x, y, x', y') else (x', y', x, y) in
  let first = max 0 (line_at y) and stop = min lines (line_at y') in
  if first < stop then begin
    (* x + floor ((the middle of the line - y) · (x' - x) / (y' - y)), from one line to the next without a division. *)
    let divisor = (y' - y) * 2 * samples in
    let down = (((2 * first) + 1) * places) - (y * 2 * samples) in
    let quotient = floor_divided (down * (x' - x)) divisor in
    let at = ref (x + quotient) and rest = ref ((down * (x' - x)) - (quotient * divisor)) in
    let step = floor_divided (2 * places * (x' - x)) divisor in
    let step_rest = (2 * places * (x' - x)) - (step * divisor) in
    for line = first to stop - 1 do
      if !at < lefts.(line) then lefts.(line) <- !at;
      if !at > rights.(line) then rights.(line) <- !at;
      at := !at + step;
      rest := !rest + step_rest;
      if !rest >= divisor then begin
        rest := !rest - divisor;
        incr at
      end
    done
  end

let half_width = pen *. scale /. 2.

let add_stroke stroke =
  let x = (stroke lsr (3 * bits)) land mask and y = (stroke lsr (2 * bits)) land mask in
  let x' = (stroke lsr bits) land mask and y' = stroke land mask in
  let across = float_of_int (x' - x) and down = float_of_int (y' - y) in
  let length = sqrt ((across *. across) +. (down *. down)) in
  if length > 0. then begin
    let aside v = int_of_float (Float.round (v /. length *. half_width)) in
    let dx = aside (-.down) and dy = aside across in
    let a = (x + dx, y + dy) and b = (x' + dx, y' + dy) and c = (x' - dx, y' - dy) and d = (x - dx, y - dy) in
    trace_edge a b;
    trace_edge b c;
    trace_edge c d;
    trace_edge d a;
    let highest = min (min (snd a) (snd b)) (min (snd c) (snd d)) in
    let lowest = max (max (snd a) (snd b)) (max (snd c) (snd d)) in
    for line = max 0 (line_at highest) to min lines (line_at lowest) - 1 do
      add_interval line lefts.(line) rights.(line);
      lefts.(line) <- max_int;
      rights.(line) <- min_int
    done
  end

(* Few intervals a line, so that insertion is the fastest sort. *)
let sort room count =
  for i = 1 to count - 1 do
    let interval = room.(i) in
    let j = ref i in
    while !j > 0 && room.(!j - 1) > interval do
      room.(!j) <- room.(!j - 1);
      decr j
    done;
    room.(!j) <- interval
  done

(* Adds the places from [left] to [right] to the pixels of a row. *)
let cover covered left right =
  let left = ref left in
  while !left < right do
    let pixel = !left / places in
    let stop = min right ((pixel + 1) * places) in
    covered.(pixel) <- covered.(pixel) + stop - !left;
    left := stop
  done

let cover_line covered line =
  let room = !(intervals.(line)) and count = counts.(line) in
  sort room count;
  let reached = ref 0 in
  for i = 0 to count - 1 do
    let left = max !reached (room.(i) lsr 16) and right = room.(i) land 0xffff in
    if left < right then cover covered left right;
    if right > !reached then reached := right
  done;
  counts.(line) <- 0

let picture strokes =
  for i = 0 to (String.length strokes / 8) - 1 do
    add_stroke (Int64.to_int (String.get_int64_le strokes (8 * i)))
  done;
  let picture = Bytes.make (side * side) '\000' in
  let covered = Array.make side 0 in
  for row = 0 to side - 1 do
    let is_blank = ref true in
    for line = row * samples to ((row + 1) * samples) - 1 do
      if counts.(line) > 0 then begin
        if !is_blank then Array.fill covered 0 side 0;
        is_blank := false;
        cover_line covered line
      end
    done;
    (* All samples · places are 3,840; cairo scales them to 255 by this fraction. *)
    let pixel x = Char.unsafe_chr (min 255 (((34 * covered.(x)) + 256) asr 9)) in
    if not !is_blank then
      for x = 0 to side - 1 do Bytes.unsafe_set picture ((row * side) + x) (pixel x) done
  done;
  Bytes.unsafe_to_string picture

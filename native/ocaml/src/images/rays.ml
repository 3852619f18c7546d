open Image

(* Zero cells between two cells of one color, with nothing else between, take that color. *)
let connect_lines image bytes ~lines ~length ~start ~step =
  for line = 0 to lines - 1 do
    let last = ref (-1) in
    for k = 0 to length - 1 do
      let i = start line + (k * step) in
      let color = at image i in
      if color <> 0 then begin
        if !last >= 0 && at image (start line + (!last * step)) = color then
          for between = !last + 1 to k - 1 do
            set bytes (start line + (between * step)) color
          done;
        last := k
      end
    done
  done

let connect ~rows ~columns image =
  let bytes = copy image in
  let h = height image and w = width image in
  if columns then connect_lines image bytes ~lines:w ~length:h ~start:Fun.id ~step:w;
  if rows then connect_lines image bytes ~lines:h ~length:w ~start:(fun y -> y * w) ~step:1;
  like image bytes

let connect_diagonals image =
  let bytes = copy image in
  let h = height image and w = width image in
  let along dx =
    for start = 0 to cells image - 1 do
      let color = at image start in
      if color <> 0 then begin
        let rec ahead y x =
          if y < h && x >= 0 && x < w then begin
            match at image ((y * w) + x) with
            | 0 -> ahead (y + 1) (x + dx)
            | other when other = color -> y
            | _ -> -1
          end
          else -1
        in
        let y = start / w and x = start mod w in
        for row = y + 1 to ahead (y + 1) (x + dx) - 1 do
          set bytes ((row * w) + x + ((row - y) * dx)) color
        done
      end
    done
  in
  along 1;
  along (-1);
  like image bytes

(* Every cell falls by itself. *)
let fall (dy, dx) image =
  let h = height image and w = width image in
  let bytes = Bytes.make (h * w) '\000' in
  let lines = if dy <> 0 then w else h and length = if dy <> 0 then h else w in
  for line = 0 to lines - 1 do
    let next = ref 0 in
    for k = 0 to length - 1 do
      let forward = dy > 0 || dx > 0 in
      let index k =
        let k = if forward then length - 1 - k else k in
        if dy <> 0 then (k * w) + line else (line * w) + k
      in
      let color = at image (index k) in
      if color <> 0 then begin
        set bytes (index !next) color;
        incr next
      end
    done
  done;
  like image bytes

let queue = Array.make most_cells 0

let spread ~diagonal image =
  let bytes = copy image in
  let read = ref 0 and write = ref 0 in
  for i = 0 to cells image - 1 do
    if at image i <> 0 then begin
      queue.(!write) <- i;
      incr write
    end
  done;
  if !write = 0 then fails ();
  while !read < !write do
    let i = queue.(!read) in
    incr read;
    let color = Bytes.unsafe_get bytes i in
    Outlines.around image ~diagonal i (fun j ->
        if Bytes.unsafe_get bytes j = '\000' then begin
          Bytes.unsafe_set bytes j color;
          queue.(!write) <- j;
          incr write
        end)
  done;
  like image bytes

(* Colors go on in a direction through zero cells. *)
let smear_one image bytes (dy, dx) =
  let h = height image and w = width image in
  let trail = Bytes.make (h * w) '\000' in
  for b = 0 to h - 1 do
    let y = if dy > 0 then b else h - 1 - b in
    for a = 0 to w - 1 do
      let x = if dx > 0 then a else w - 1 - a in
      let i = (y * w) + x in
      let own = at image i in
      if own <> 0 then set trail i own
      else begin
        let y' = y - dy and x' = x - dx in
        if y' >= 0 && y' < h && x' >= 0 && x' < w then begin
          let color = Bytes.unsafe_get trail ((y' * w) + x') in
          Bytes.unsafe_set trail i color;
          if Bytes.unsafe_get bytes i = '\000' then Bytes.unsafe_set bytes i color
        end
      end
    done
  done

let smear directions image =
  let bytes = copy image in
  List.iter (smear_one image bytes) directions;
  like image bytes

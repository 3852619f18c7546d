open Image

(* What is hidden in an image, told from its mirror images: axes that every visible cell agrees with. *)

(* Rows y and y' with y + y' = sum are mirror images of each other, as far as both are within the image and not 0. *)
let agreement image sum ~rows =
  let h = height image and w = width image in
  let lines = if rows then h else w in
  let first = max 0 (sum - lines + 1) and last = min (lines - 1) sum in
  let seen = ref 0 in
  let rec scan line i =
    if 2 * line >= sum then true
    else if i = (if rows then w else h) then scan (line + 1) 0
    else begin
      let index k = if rows then (k * w) + i else (i * w) + k in
      let a = at image (index line) and b = at image (index (sum - line)) in
      if a = 0 || b = 0 then scan line (i + 1)
      else if a <> b then false
      else begin
        incr seen;
        scan line (i + 1)
      end
    end
  in
  if last - first + 1 < 2 * lines / 3 then -1 else if scan first 0 then !seen else -1

let axis image ~rows =
  let lines = if rows then height image else width image in
  let best = ref (-1) and most = ref 0 in
  for sum = 1 to (2 * lines) - 3 do
    let seen = agreement image sum ~rows in
    if seen > !most then begin
      most := seen;
      best := sum
    end
  done;
  if !best < 0 then None else Some !best

let mirrored image sum ~rows bytes =
  let h = height image and w = width image in
  for i = 0 to (h * w) - 1 do
    if Bytes.unsafe_get bytes i = '\000' then begin
      let y = i / w and x = i mod w in
      let y' = if rows then sum - y else y and x' = if rows then x else sum - x in
      if y' >= 0 && y' < h && x' >= 0 && x' < w then Bytes.unsafe_set bytes i (Bytes.unsafe_get bytes ((y' * w) + x'))
    end
  done

(* Along the diagonal through the crossing of both axes. *)
let transposed image ~row_sum ~column_sum bytes =
  let h = height image and w = width image in
  if (row_sum - column_sum) land 1 = 0 then begin
    let shift = (row_sum - column_sum) / 2 in
    let partner i =
      let y = (i mod w) + shift and x = (i / w) - shift in
      if y >= 0 && y < h && x >= 0 && x < w then (y * w) + x else -1
    in
    let rec fits i =
      i = h * w
      ||
      let j = partner i in
      (j < 0 || at image i = 0 || at image j = 0 || at image i = at image j) && fits (i + 1)
    in
    if fits 0 then
      for i = 0 to (h * w) - 1 do
        let j = partner i in
        if j >= 0 && Bytes.unsafe_get bytes i = '\000' then Bytes.unsafe_set bytes i (Bytes.unsafe_get bytes j)
      done
  end

let by_symmetry image =
  let bytes = copy image in
  let rows = axis image ~rows:true and columns = axis image ~rows:false in
  if rows = None && columns = None then fails ();
  let pass () =
    Option.iter (fun sum -> mirrored image sum ~rows:true bytes) rows;
    Option.iter (fun sum -> mirrored image sum ~rows:false bytes) columns;
    match (rows, columns) with
    | Some row_sum, Some column_sum -> transposed image ~row_sum ~column_sum bytes
    | _ -> ()
  in
  pass ();
  pass ();
  like image bytes

let by_period image = Tiling.periodic_with image image

(* What a color covers, as the rest says it is. *)
let hidden repair color image =
  let cover = Framing.crop (Recoloring.keep color image) in
  let whole = repair (Recoloring.erase color image) in
  part whole ~top:(cover.row - image.row) ~left:(cover.column - image.column) ~height:(height cover) ~width:(width cover)

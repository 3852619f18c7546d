open Grid

let straight = [| (-1, 0); (0, -1); (0, 1); (1, 0) |]
let around = [| (-1, -1); (-1, 0); (-1, 1); (0, -1); (0, 1); (1, -1); (1, 0); (1, 1) |]

(* The cells of each label from 0 on, in row-major order. Cells of negative labels belong to none. *)
let by_label (grid : t) labels count =
  let sizes = Array.make count 0 in
  Array.iter (fun label -> if label >= 0 then sizes.(label) <- sizes.(label) + 1) labels;
  let pieces = Array.map (fun size -> Array.make size 0) sizes in
  Array.fill sizes 0 count 0;
  for row = 0 to grid.height - 1 do
    for column = 0 to grid.width - 1 do
      let i = (row * grid.width) + column in
      let label = Array.unsafe_get labels i in
      if label >= 0 then begin
        let cell = Cells.colored (color (String.unsafe_get grid.cells i)) (Cells.position row column) in
        pieces.(label).(sizes.(label)) <- cell;
        sizes.(label) <- sizes.(label) + 1
      end
    done
  done;
  Array.to_list pieces

let objects ~univalued ~diagonal ~without (grid : t) =
  let { height; width; cells } = grid in
  let size = String.length cells in
  let labels = Array.make size (-1) and stack = Array.make size 0 in
  let neighbors = if diagonal then around else straight in
  let is_background =
    match without with
    | None -> fun _ -> false
    | Some color ->
      let background = byte color in
      fun cell -> cell = background
  in
  let spread label start =
    let seed = String.unsafe_get cells start in
    let top = ref 1 in
    labels.(start) <- label;
    stack.(0) <- start;
    while !top > 0 do
      decr top;
      let i = Array.unsafe_get stack !top in
      let row = i / width and column = i mod width in
      Array.iter
        (fun (down, right) ->
          let row = row + down and column = column + right in
          if row >= 0 && row < height && column >= 0 && column < width then begin
            let i = (row * width) + column in
            if Array.unsafe_get labels i < 0 then begin
              let cell = String.unsafe_get cells i in
              if if univalued then cell = seed else not (is_background cell) then begin
                Array.unsafe_set labels i label;
                Array.unsafe_set stack !top i;
                incr top
              end
            end
          end)
        neighbors
    done
  in
  let count = ref 0 in
  for i = 0 to size - 1 do
    if labels.(i) < 0 && not (is_background cells.[i]) then begin
      spread !count i;
      incr count
    end
  done;
  by_label grid labels !count

let partition (grid : t) =
  let numbers = Array.make 256 (-1) and count = ref 0 in
  let label cell =
    let code = Char.code cell in
    if numbers.(code) < 0 then begin
      numbers.(code) <- !count;
      incr count
    end;
    numbers.(code)
  in
  let labels = Cells.init (String.length grid.cells) (fun i -> label grid.cells.[i]) in
  by_label grid labels !count

let occurrences cells (grid : t) =
  let places = Cells.places cells in
  let { Cells.top; left; bottom; right } = Cells.box places in
  let visible = Array.for_all (fun cell -> Cells.color cell >= Grid.least && Cells.color cell <= Grid.greatest) cells in
  let rows = grid.height - (bottom - top) and columns = grid.width - (right - left) in
  if rows <= 0 || columns <= 0 || not visible then [||]
  else begin
    let offset cell =
      let place = Cells.place cell in
      ((Cells.row place - top) * grid.width) + Cells.column place - left
    in
    let offsets = Cells.map offset cells and colors = Array.map (fun cell -> byte (Cells.color cell)) cells in
    let last = Array.length cells - 1 in
    let rec stands_at start i =
      i > last
      || String.unsafe_get grid.cells (start + Array.unsafe_get offsets i) = Array.unsafe_get colors i
         && stands_at start (i + 1)
    in
    let found = ref [] in
    for row = rows - 1 downto 0 do
      for column = columns - 1 downto 0 do
        if stands_at ((row * grid.width) + column) 0 then found := Cells.position row column :: !found
      done
    done;
    Array.of_list !found
  end

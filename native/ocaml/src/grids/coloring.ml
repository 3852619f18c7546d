open Grid

(* Grids have few colors, cells any: a table by color and, for others, a list. *)
type counts = (int, int) Hashtbl.t option * int array

let shown = 1 - Grid.least + Grid.greatest

let of_grid (grid : t) : counts =
  let table = Array.make shown 0 in
  String.iter
    (fun byte ->
      let slot = color byte - Grid.least in
      Array.unsafe_set table slot (Array.unsafe_get table slot + 1))
    grid.cells;
  (None, table)

let of_cells cells : counts =
  let table = Array.make shown 0 and others = ref None in
  let beyond color =
    let counts =
      match !others with
      | Some counts -> counts
      | None ->
        let counts = Hashtbl.create 16 in
        others := Some counts;
        counts
    in
    Hashtbl.replace counts color (1 + Option.value ~default:0 (Hashtbl.find_opt counts color))
  in
  Array.iter
    (fun cell ->
      let color = Cells.color cell in
      if color >= Grid.least && color <= Grid.greatest then table.(color - Grid.least) <- table.(color - Grid.least) + 1
      else beyond color)
    cells;
  (!others, table)

let fold add ((others, table) : counts) start =
  let others = match others with None -> [] | Some counts -> List.sort Stdlib.compare (List.of_seq (Hashtbl.to_seq counts)) in
  let low, high = List.partition (fun (color, _) -> color < Grid.least) others in
  let add_all = List.fold_left (fun folded (color, count) -> add color count folded) in
  let folded = ref (add_all start low) in
  Array.iteri (fun slot count -> if count > 0 then folded := add (slot + Grid.least) count !folded) table;
  add_all !folded high

let best better counts =
  let choose color count = function
    | Some (_, count') as best when not (better count count') -> best
    | _ -> Some (color, count)
  in
  match fold choose counts None with Some (color, _) -> color | None -> invalid_arg "Coloring: no color"

let most counts = best (fun (a : int) b -> a > b) counts
let least counts = best (fun (a : int) b -> a < b) counts

let count ((others, table) : counts) color =
  if color >= Grid.least && color <= Grid.greatest then table.(color - Grid.least)
  else Option.value ~default:0 (Option.bind others (fun counts -> Hashtbl.find_opt counts color))

let palette counts = List.rev (fold (fun color _ colors -> color :: colors) counts [])
let mostcolor grid = most (of_grid grid)

let mapped (grid : t) image = make ~height:grid.height ~width:grid.width (String.map image grid.cells)

let is_shown color = color >= Grid.least && color <= Grid.greatest

let replaced color ~by grid =
  if is_shown color then begin
    let old = byte color and fresh = byte by in
    mapped grid (fun cell -> if cell = old then fresh else cell)
  end
  else grid

let switched a b grid =
  let a' = byte a and b' = byte b in
  mapped grid (fun cell -> if is_shown a && cell = a' then b' else if is_shown b && cell = b' then a' else cell)

let agreement a b ~otherwise =
  if b.height < a.height || (a.height > 0 && b.width < a.width) then None
  else begin
    let common row column =
      let color = at a row column in
      if color = at b row column then color else otherwise
    in
    Some (init ~height:a.height ~width:a.width common)
  end

let canvas color ~height ~width = make ~height ~width (String.make (height * width) (byte color))

let changed ?only (grid : t) cells ~place ~color =
  let bytes = Bytes.of_string grid.cells in
  Array.iter
    (fun cell ->
      let place = place cell in
      let row = Cells.row place and column = Cells.column place in
      if row >= 0 && row < grid.height && column >= 0 && column < grid.width then begin
        let i = (row * grid.width) + column in
        match only with
        | Some only when String.unsafe_get grid.cells i <> only -> ()
        | _ -> Bytes.unsafe_set bytes i (color cell)
      end)
    cells;
  of_bytes ~height:grid.height ~width:grid.width bytes

let filled ?only color positions grid =
  let color = byte color in
  changed ?only:(Option.map byte only) grid positions ~place:Fun.id ~color:(fun _ -> color)

let painted ?only cells grid =
  changed ?only:(Option.map byte only) grid cells ~place:Cells.place ~color:(fun cell -> byte (Cells.color cell))

let all grid =
  Cells.init (Grid.cells grid) (fun i ->
      Cells.colored (color grid.cells.[i]) (Cells.position (i / grid.width) (i mod grid.width)))

let positions grid = Cells.init (Grid.cells grid) (fun i -> Cells.position (i / grid.width) (i mod grid.width))

let of_color wanted grid =
  let total = if is_shown wanted then String.fold_left (fun n cell -> if color cell = wanted then n + 1 else n) 0 grid.cells else 0 in
  let places = Array.make total 0 and found = ref 0 in
  if total > 0 then
    String.iteri
      (fun i cell ->
        if color cell = wanted then begin
          places.(!found) <- Cells.position (i / grid.width) (i mod grid.width);
          incr found
        end)
      grid.cells;
  places

let seen_at positions grid =
  let within place =
    let row = Cells.row place and column = Cells.column place in
    row >= 0 && row < grid.height && column >= 0 && column < grid.width
  in
  let seen place = Cells.colored (at grid (Cells.row place) (Cells.column place)) place in
  Array.of_list (Array.fold_right (fun place seen_ -> if within place then seen place :: seen_ else seen_) positions [])

let lines grid =
  let line length place =
    let cell i =
      let row, column = place i in
      Cells.colored (at grid row column) (Cells.position row column)
    in
    let cells = Cells.init length cell in
    if Array.for_all (fun cell -> Cells.color cell = Cells.color cells.(0)) cells then Some cells else None
  in
  if Grid.cells grid = 0 then []
  else
    List.filter_map (fun row -> line grid.width (fun i -> (row, i))) (List.init grid.height Fun.id)
    @ List.filter_map (fun column -> line grid.height (fun i -> (i, column))) (List.init grid.width Fun.id)

(* Pieces laid on a canvas until every cell of all demonstrations is right. *)

type piece = { state : States.t; images : Image.t array; right : int array; filled : int array }
type mode = Filled | Zeros | Everywhere
type layer = { piece : piece; mode : mode }

let piece outputs total state images =
  let right = Bits.create total and filled = Bits.create total in
  let offset = ref 0 in
  Array.iteri
    (fun pair output ->
      let image = images.(pair) in
      for i = 0 to Image.cells output - 1 do
        let color = Image.at image i in
        if color <> 0 then Bits.add filled (!offset + i);
        if color = Image.at output i then Bits.add right (!offset + i)
      done;
      offset := !offset + Image.cells output)
    outputs;
  { state; images; right; filled }

(* The cells that a piece would set; -1 if one of them would be wrong. *)
let gain piece mode unset =
  let right = piece.right and filled = piece.filled in
  let rec go i n =
    if i = Array.length unset then n
    else begin
      let open_cells = Array.unsafe_get unset i in
      let active =
        match mode with
        | Filled -> open_cells land Array.unsafe_get filled i
        | Zeros -> open_cells land lnot (Array.unsafe_get filled i)
        | Everywhere -> open_cells
      in
      if active land lnot (Array.unsafe_get right i) <> 0 then -1 else go (i + 1) (n + Bits.ones active)
    end
  in
  go 0 0

let lay { piece; mode } unset =
  Array.mapi
    (fun i open_cells ->
      match mode with
      | Filled -> open_cells land lnot piece.filled.(i)
      | Zeros -> open_cells land piece.filled.(i)
      | Everywhere -> 0)
    unset

(* The substitution of colors that makes the images of all demonstrations their outputs, if there is one that changes
   anything: pairs of a color and what takes its place. *)
let substitution outputs images =
  let target = Array.make 256 (-1) in
  let rec agree pair i =
    if pair = Array.length outputs then true
    else if i = Image.cells outputs.(pair) then agree (pair + 1) 0
    else begin
      let from = Image.at images.(pair) i and onto = Image.at outputs.(pair) i in
      let known = Array.unsafe_get target from in
      if known = onto then agree pair (i + 1)
      else if known < 0 then begin
        Array.unsafe_set target from onto;
        agree pair (i + 1)
      end
      else false
    end
  in
  if not (agree 0 0) then None
  else begin
    let changes = List.filter (fun c -> target.(c) >= 0 && target.(c) <> c) (List.init 256 Fun.id) in
    (* A substitution that leaves one color says nothing of the images. *)
    let left = List.sort_uniq Int.compare (List.filter (fun c -> c >= 0) (Array.to_list target)) in
    if changes = [] || List.length left < 2 then None else Some (List.map (fun c -> (c, target.(c))) changes)
  end

(* Of pieces that set and miss the same cells of all demonstrations, the first. *)
let distinct pieces =
  let seen = States.Seen.create () in
  let hash bits seed = Array.fold_left Image.mix seed bits in
  List.filter (fun piece -> States.Seen.add seen (hash piece.filled (hash piece.right 5))) pieces

let modes = [ Everywhere; Filled; Zeros ]

let best_layer pieces ~limit unset =
  let best = ref None and most = ref 0 in
  Array.iter
    (fun piece ->
      if piece.state.States.cost <= limit then
        List.iter
          (fun mode ->
            let gain = gain piece mode unset in
            if gain > !most then begin
              most := gain;
              best := Some { piece; mode }
            end)
          modes)
    pieces;
  !best

let rec greedy pieces ~limit ~most unset layers =
  if Bits.is_empty unset then Some (List.rev layers)
  else if most = 0 then None
  else
    match best_layer pieces ~limit unset with
    | None -> None
    | Some layer -> greedy pieces ~limit ~most:(most - 1) (lay layer unset) (layer :: layers)

let compose layers pair ~height ~width =
  let cells = height * width in
  let bytes = Bytes.make cells '\000' in
  for i = 0 to cells - 1 do
    let rec color = function
      | [] -> 0
      | { piece; mode } :: below -> begin
        let own = Image.at piece.images.(pair) i in
        match mode with
        | Everywhere -> own
        | Filled -> if own <> 0 then own else color below
        | Zeros -> if own = 0 then 0 else color below
      end
    in
    Image.set bytes i (color layers)
  done;
  Grid.make ~height ~width (Bytes.unsafe_to_string bytes)

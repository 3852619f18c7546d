open Image

let sorted by images =
  let order = Array.map (fun image -> (by image, image)) images in
  Array.stable_sort (fun (a, _) (b, _) -> Int.compare a b) order;
  Array.map snd order

let smallest_on_top images = stack (sorted filled images)
let largest_on_top images = stack (sorted (fun image -> -filled image) images)

(* One beside the other, in order, from the origin. *)
let beside ~rows images =
  let offset = ref 0 in
  stack
    (Array.map
       (fun image ->
         let moved = if rows then place image !offset 0 else place image 0 !offset in
         offset := !offset + (if rows then height image else width image);
         if !offset > largest_side then fails ();
         moved)
       images)

let as_column images = beside ~rows:true images
let as_row images = beside ~rows:false images
let by_place_as_column images = as_column (sorted (fun image -> image.row) images)
let by_place_as_row images = as_row (sorted (fun image -> image.column) images)

(* Along the direction in which the images lie farther apart. *)
let in_line images =
  let span by = Array.fold_left (fun n image -> max n (by image)) min_int images - Array.fold_left (fun n image -> min n (by image)) max_int images in
  if span (fun image -> image.row) > span (fun image -> image.column) then by_place_as_column images
  else by_place_as_row images

let by_size_as_column images = as_column (sorted (fun image -> -filled image) images)
let by_size_as_row images = as_row (sorted (fun image -> -filled image) images)

(* Cells by how many images have them; all images of one size, where they stand does not matter. *)
let aligned images =
  let first = images.(0) in
  if Array.length images < 2 then fails ();
  Array.iter (fun image -> if height image <> height first || width image <> width first then fails ()) images;
  first

let combined color images =
  let first = aligned images in
  let bytes = Bytes.create (cells first) in
  for i = 0 to cells first - 1 do
    let filled = ref 0 and top = ref 0 in
    Array.iter (fun image -> let c = at image i in if c <> 0 then begin incr filled; if !top = 0 then top := c end) images;
    set bytes i (color ~filled:!filled ~top:!top ~count:(Array.length images))
  done;
  of_bytes ~row:0 ~column:0 ~height:(height first) ~width:(width first) bytes

let union images = combined (fun ~filled:_ ~top ~count:_ -> top) images
let common images = combined (fun ~filled ~top ~count -> if filled = count then top else 0) images
let exclusive images = combined (fun ~filled ~top ~count:_ -> if filled = 1 then top else 0) images
let uncovered images = combined (fun ~filled ~top:_ ~count:_ -> if filled = 0 then 1 else 0) images

let only_first images =
  let first = aligned images in
  let bytes = copy first in
  for k = 1 to Array.length images - 1 do
    for i = 0 to cells first - 1 do
      if at images.(k) i <> 0 then set bytes i 0
    done
  done;
  of_bytes ~row:0 ~column:0 ~height:(height first) ~width:(width first) bytes

let majority_vote images =
  let first = aligned images in
  let bytes = Bytes.create (cells first) in
  let votes = Array.make 256 0 in
  for i = 0 to cells first - 1 do
    Array.iter (fun image -> votes.(at image i) <- 0) images;
    Array.iter (fun image -> let c = at image i in votes.(c) <- votes.(c) + 1) images;
    let best = ref 0 in
    Array.iter
      (fun image ->
        let c = at image i in
        if c <> 0 && (votes.(c) > votes.(!best) || (votes.(c) = votes.(!best) && c < !best)) then best := c)
      images;
    set bytes i !best
  done;
  of_bytes ~row:0 ~column:0 ~height:(height first) ~width:(width first) bytes

let table images =
  (* Each image as one cell of its majority color, at its rank among the rows and columns. *)
  let ranks by = List.sort_uniq Int.compare (Array.to_list (Array.map by images)) in
  let rows = Array.of_list (ranks (fun image -> image.row)) and columns = Array.of_list (ranks (fun image -> image.column)) in
  let h = Array.length rows and w = Array.length columns in
  check h w;
  let index values value =
    let rec find i = if values.(i) = value then i else find (i + 1) in
    find 0
  in
  let bytes = Bytes.make (h * w) '\000' in
  Array.iter (fun image -> set bytes ((index rows image.row * w) + index columns image.column) (majority image)) images;
  of_bytes ~row:0 ~column:0 ~height:h ~width:w bytes

let tally by images =
  (* A row of majority colors, by a criterion from the greatest on. *)
  let order = sorted (fun image -> -by image) images in
  let w = Array.length order in
  check 1 w;
  let bytes = Bytes.create w in
  Array.iteri (fun i image -> set bytes i (majority image)) order;
  of_bytes ~row:0 ~column:0 ~height:1 ~width:w bytes

let how_many images = blank ~color:(max 1 (majority images.(0))) ~row:0 ~column:0 1 (Array.length images)

open Image

let most_parts = 100
let gather parts = if parts = [] || List.compare_length_with parts most_parts > 0 then fails () else Array.of_list parts

(* The connected parts of the cells that may be taken, each cropped, in the order of their first cells. *)
let connected ~diagonal ~alike image =
  let w = width image in
  let seen = Bytes.make (cells image) '\000' in
  let members = Array.make (cells image) 0 in
  let parts = ref [] and found = ref 0 in
  for start = 0 to cells image - 1 do
    if at image start <> 0 && not (Outlines.is_set seen start) then begin
      let color = at image start in
      members.(0) <- start;
      Bytes.unsafe_set seen start '\001';
      let read = ref 0 and write = ref 1 in
      let top = ref (start / w) and bottom = ref 0 and left = ref w and right = ref 0 in
      while !read < !write do
        let i = members.(!read) in
        incr read;
        let y = i / w and x = i mod w in
        if y < !top then top := y;
        if y > !bottom then bottom := y;
        if x < !left then left := x;
        if x > !right then right := x;
        Outlines.around image ~diagonal i (fun j ->
            if (not (Outlines.is_set seen j)) && at image j <> 0 && ((not alike) || at image j = color) then begin
              Bytes.unsafe_set seen j '\001';
              members.(!write) <- j;
              incr write
            end)
      done;
      incr found;
      if !found > most_parts then fails ();
      let height = !bottom - !top + 1 and part_width = !right - !left + 1 in
      let bytes = Bytes.make (height * part_width) '\000' in
      for k = 0 to !write - 1 do
        let i = members.(k) in
        set bytes ((((i / w) - !top) * part_width) + (i mod w) - !left) (at image i)
      done;
      parts :=
        of_bytes ~row:(image.row + !top) ~column:(image.column + !left) ~height ~width:part_width bytes :: !parts
    end
  done;
  gather (List.rev !parts)

let by_color image =
  let counts = counts image in
  let present = List.filter (fun color -> counts.(color) > 0) (List.init 9 (fun i -> i + 1)) in
  gather (List.map (fun color -> Recoloring.keep color image) present)

(* Regions of one color, 0 too: where a region of zeros is taken, it is painted in color 1. *)
let regions image =
  let counts = counts image in
  let present = List.filter (fun color -> counts.(color) > 0) (List.init 9 (fun i -> i + 1)) in
  let zeros = if counts.(0) > 0 then Array.to_list (connected ~diagonal:false ~alike:true (Recoloring.zeros image)) else [] in
  let parts =
    List.concat_map (fun c -> Array.to_list (connected ~diagonal:false ~alike:true (Recoloring.keep c image))) present
  in
  gather (zeros @ parts)

let columns image =
  check (height image) (width image);
  gather (List.init (width image) (fun x -> part image ~top:0 ~left:x ~height:(height image) ~width:1))

let rows image = gather (List.init (height image) (fun y -> part image ~top:y ~left:0 ~height:1 ~width:(width image)))

(* Whether a row, or column, is of one color that is not 0. *)
let is_line image ~row k =
  let w = width image in
  let length = if row then w else height image in
  let index j = if row then (k * w) + j else (j * w) + k in
  let color = at image (index 0) in
  let rec agree j = j = length || (at image (index j) = color && agree (j + 1)) in
  if color <> 0 && agree 1 then color else 0

(* The spans between separating lines of one color. *)
let spans separators size =
  let rec go start k spans =
    if k = size then List.rev (if k > start then (start, k - start) :: spans else spans)
    else if separators k then go (k + 1) (k + 1) (if k > start then (start, k - start) :: spans else spans)
    else go start (k + 1) spans
  in
  go 0 0 []

(* What full lines of one color separate, row by row. The color is the one with most lines. *)
let between_lines image =
  let h = height image and w = width image in
  let row_colors = Array.init h (is_line image ~row:true) and column_colors = Array.init w (is_line image ~row:false) in
  let votes = Array.make 256 0 in
  let vote color = if color <> 0 then votes.(color) <- votes.(color) + 1 in
  Array.iter vote row_colors;
  Array.iter vote column_colors;
  let best = ref 0 in
  Array.iteri (fun color n -> if n > votes.(!best) then best := color) votes;
  if !best = 0 then fails ();
  let rows = spans (fun y -> row_colors.(y) = !best) h and columns = spans (fun x -> column_colors.(x) = !best) w in
  let count = List.length rows * List.length columns in
  if count < 2 || count > most_parts then fails ();
  gather
    (List.concat_map
       (fun (top, height) -> List.map (fun (left, width) -> part image ~top ~left ~height ~width) columns)
       rows)

(* What empty rows and columns separate. *)
let blocks image =
  let rows = spans (Framing.is_empty_row image) (height image) and columns = spans (Framing.is_empty_column image) (width image) in
  let count = List.length rows * List.length columns in
  if count < 2 || count > most_parts then fails ();
  gather
    (List.concat_map
       (fun (top, height) -> List.map (fun (left, width) -> part image ~top ~left ~height ~width) columns)
       rows)

let at_origins parts = Array.map Framing.to_origin parts
let halves across image =
  if across then [| Framing.half `Left image; Framing.half `Right image |]
  else [| Framing.half `Top image; Framing.half `Bottom image |]

let cut_by rows columns image =
  let h = height image and w = width image in
  if h mod rows <> 0 || w mod columns <> 0 then fails ();
  let height = h / rows and width = w / columns in
  if rows * columns > most_parts then fails ();
  gather
    (List.concat_map
       (fun r -> List.init columns (fun c -> part image ~top:(r * height) ~left:(c * width) ~height ~width))
       (List.init rows Fun.id))

let squares image =
  let h = height image and w = width image in
  if h = w then fails ();
  if h > w then cut_by (if h mod w = 0 then h / w else fails ()) 1 image
  else cut_by 1 (if w mod h = 0 then w / h else fails ()) image

(* Rectangles whose four corners have a color that no other cell of their edge, nor corner outside of it, need have. *)
let between_corners image =
  let h = height image and w = width image in
  let color y x = at image ((y * w) + x) in
  let parts = ref [] in
  for top = 0 to h - 3 do
    for bottom = top + 2 to h - 1 do
      for left = 0 to w - 3 do
        let c = color top left in
        if c <> 0 && color bottom left = c then
          for right = left + 2 to w - 1 do
            if color top right = c && color bottom right = c
               && color top (left + 1) <> c && color (top + 1) left <> c
               && color bottom (right - 1) <> c && color (bottom - 1) right <> c
            then parts := part image ~top:(top + 1) ~left:(left + 1) ~height:(bottom - top - 1) ~width:(right - left - 1) :: !parts
          done
      done
    done
  done;
  gather (List.rev !parts)

(* Parts that fall in a direction until they meet another or the edge; farthest first. *)
let fallen (dy, dx) image =
  let parts = connected ~diagonal:true ~alike:false image in
  let key part =
    if dy > 0 then -(part.row + height part) else if dy < 0 then part.row
    else if dx > 0 then -(part.column + width part) else part.column
  in
  let order = Array.copy parts in
  Array.stable_sort (fun a b -> Int.compare (key a) (key b)) order;
  let h = height image and w = width image in
  let taken = Bytes.make (h * w) '\000' in
  let each part f =
    for y = 0 to height part - 1 do
      for x = 0 to width part - 1 do
        if at part ((y * width part) + x) <> 0 then f (part.row - image.row + y) (part.column - image.column + x)
      done
    done
  in
  let free part =
    let free = ref true in
    each part (fun y x -> if y < 0 || x < 0 || y >= h || x >= w || Outlines.is_set taken ((y * w) + x) then free := false);
    !free
  in
  let rec fall part =
    let next = Framing.shift dy dx part in
    if free next then fall next else part
  in
  Array.map
    (fun part ->
      let part = fall part in
      each part (fun y x -> Bytes.unsafe_set taken ((y * w) + x) '\001');
      part)
    order

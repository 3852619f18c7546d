type t = int array

let coordinate_bits = 21
let color_bits = 20
let reach = 1 lsl (coordinate_bits - 1)
let color_reach = 1 lsl (color_bits - 1)
let coordinate_mask = (1 lsl coordinate_bits) - 1
let color_mask = (1 lsl color_bits) - 1

let[@inline] fits coordinate = coordinate >= -reach && coordinate < reach
let[@inline] color_fits color = color >= -color_reach && color < color_reach
let[@inline] position row column = ((row + reach) lsl coordinate_bits) lor (column + reach)
let[@inline] row place = (place lsr coordinate_bits) - reach
let[@inline] column place = (place land coordinate_mask) - reach
let[@inline] colored color place = (place lsl color_bits) lor (color + color_reach)
let[@inline] color cell = (cell land color_mask) - color_reach
let[@inline] place cell = cell lsr color_bits

(* Those of the library are for any elements, and pay for it at each. *)
let init count element : t =
  let array = Array.make count 0 in
  for i = 0 to count - 1 do Array.unsafe_set array i (element i) done;
  array

let map image (cells : t) = init (Array.length cells) (fun i -> image (Array.unsafe_get cells i))

let equal (a : t) (b : t) =
  a == b
  || Array.length a = Array.length b
     &&
     let rec agree i = i < 0 || (Array.unsafe_get a i = Array.unsafe_get b i && agree (i - 1)) in
     agree (Array.length a - 1)

let compare (a : t) (b : t) =
  let rec go i =
    if i = Array.length a || i = Array.length b then Int.compare (Array.length a) (Array.length b)
    else begin
      match Int.compare a.(i) b.(i) with 0 -> go (i + 1) | order -> order
    end
  in
  go 0

let rec is_sorted (array : t) i =
  i >= Array.length array || (Array.unsafe_get array (i - 1) < Array.unsafe_get array i && is_sorted array (i + 1))

(* The first of each run of equal elements of a sorted array. *)
let distinct (array : t) =
  let count = ref 0 in
  Array.iter
    (fun element ->
      if !count = 0 || array.(!count - 1) <> element then begin
        array.(!count) <- element;
        incr count
      end)
    array;
  if !count = Array.length array then array else Array.sub array 0 !count

(* Sorts between two positions: small parts by insertion, larger ones by merging two sorted halves by way of [other]. *)
let rec sort (array : t) (other : t) first next =
  if next - first <= 12 then
    for i = first + 1 to next - 1 do
      let element = array.(i) in
      let j = ref (i - 1) in
      while !j >= first && Array.unsafe_get array !j > element do
        Array.unsafe_set array (!j + 1) (Array.unsafe_get array !j);
        decr j
      done;
      Array.unsafe_set array (!j + 1) element
    done
  else begin
    let middle = (first + next) / 2 in
    sort array other first middle;
    sort array other middle next;
    if array.(middle - 1) > array.(middle) then begin
      for i = first to middle - 1 do Array.unsafe_set other i (Array.unsafe_get array i) done;
      let left = ref first and right = ref middle and out = ref first in
      while !left < middle do
        if !right < next && Array.unsafe_get array !right < Array.unsafe_get other !left then begin
          Array.unsafe_set array !out (Array.unsafe_get array !right);
          incr right
        end
        else begin
          Array.unsafe_set array !out (Array.unsafe_get other !left);
          incr left
        end;
        incr out
      done
    end
  end

let of_unsorted array =
  if is_sorted array 1 then array
  else begin
    sort array (Array.make (Array.length array) 0) 0 (Array.length array);
    distinct array
  end

let mem element (set : t) =
  let rec search low high =
    low < high
    &&
    let middle = (low + high) lsr 1 in
    let found = Array.unsafe_get set middle in
    if found = element then true else if found < element then search (middle + 1) high else search low middle
  in
  search 0 (Array.length set)

(* One pass over two sets; what is kept of elements only in the first, in both, and only in the second. *)
let merged ~first ~both ~second (a : t) (b : t) =
  let out = Array.make (Array.length a + Array.length b) 0 and count = ref 0 in
  let keep wanted element =
    if wanted then begin
      Array.unsafe_set out !count element;
      incr count
    end
  in
  let rec go i j =
    if i = Array.length a then begin
      if second then for j = j to Array.length b - 1 do keep true b.(j) done
    end
    else if j = Array.length b then begin
      if first then for i = i to Array.length a - 1 do keep true a.(i) done
    end
    else begin
      let x = Array.unsafe_get a i and y = Array.unsafe_get b j in
      if x < y then (keep first x; go (i + 1) j)
      else if x > y then (keep second y; go i (j + 1))
      else (keep both x; go (i + 1) (j + 1))
    end
  in
  go 0 0;
  Array.sub out 0 !count

let union a b = merged ~first:true ~both:true ~second:true a b
let intersection a b = merged ~first:false ~both:true ~second:false a b
let difference a b = merged ~first:true ~both:false ~second:false a b
let places cells = distinct (map place cells)
let repainted color positions = map (colored color) positions

type box = { top : int; left : int; bottom : int; right : int }

let box (positions : t) =
  let left = ref max_int and right = ref min_int in
  Array.iter
    (fun place ->
      let column = column place in
      if column < !left then left := column;
      if column > !right then right := column)
    positions;
  { top = row positions.(0); bottom = row positions.(Array.length positions - 1); left = !left; right = !right }

(* The number to add to a packed position, if nothing of the box would leave the range. *)
let step rows columns { top; left; bottom; right } =
  if fits rows && fits columns && fits (top + rows) && fits (bottom + rows) && fits (left + columns) && fits (right + columns)
  then Some ((rows lsl coordinate_bits) + columns)
  else None

let shifted rows columns ~box_of ~bits cells =
  if Array.length cells = 0 then Some cells
  else Option.map (fun step -> map (fun cell -> cell + (step lsl bits)) cells) (step rows columns (box_of cells))

let moved rows columns positions = shifted rows columns ~box_of:box ~bits:0 positions
let moved_colored rows columns cells = shifted rows columns ~box_of:(fun cells -> box (map place cells)) ~bits:color_bits cells
let mapped image positions = of_unsorted (map (fun place -> image (row place) (column place)) positions)

let mapped_colored image cells =
  let mapped cell =
    let place = place cell in
    colored (color cell) (image (row place) (column place))
  in
  of_unsorted (map mapped cells)

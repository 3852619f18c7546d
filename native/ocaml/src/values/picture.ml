type t = string

(* Whether two pictures agree at the places of [order] from the given one on. *)
let rec agree ~tolerance left right order i =
  i = Array.length order
  ||
  let place = Array.unsafe_get order i in
  abs (Char.code left.[place] - Char.code right.[place]) <= tolerance && agree ~tolerance left right order (i + 1)

let alike ~tolerance left right =
  String.length left = String.length right && agree ~tolerance left right (Array.init (String.length left) Fun.id) 0

(* The places where the pictures differ most come first: hardly more than one is looked at for a picture that is not
   the one sought. *)
type gallery = { pictures : t array; order : int array }

let gallery pictures =
  let size = if pictures = [||] then 0 else String.length pictures.(0) in
  let spread place =
    let count = Array.length pictures in
    let pixel picture = Char.code picture.[place] in
    let sum = Array.fold_left (fun sum picture -> sum + pixel picture) 0 pictures in
    let squares = Array.fold_left (fun sum picture -> sum + (pixel picture * pixel picture)) 0 pictures in
    (count * squares) - (sum * sum)
  in
  let by_spread = List.sort compare (List.init size (fun place -> (-spread place, place))) in
  { pictures; order = Array.of_list (List.map snd by_spread) }

let like ~tolerance { pictures; order } picture =
  let found = ref [] in
  for i = Array.length pictures - 1 downto 0 do
    if agree ~tolerance (Array.unsafe_get pictures i) picture order 0 then found := i :: !found
  done;
  !found

let digits = "0123456789abcdef"

let to_rows ~side picture =
  let digit row i =
    let pixel = Char.code picture.[(row * side) + (i / 2)] in
    digits.[if i land 1 = 0 then pixel lsr 4 else pixel land 15]
  in
  List.init side (fun row -> String.init (2 * side) (digit row))

let value_of = function
  | '0' .. '9' as c -> Some (Char.code c - Char.code '0')
  | 'a' .. 'f' as c -> Some (Char.code c - Char.code 'a' + 10)
  | 'A' .. 'F' as c -> Some (Char.code c - Char.code 'A' + 10)
  | _ -> None

let of_rows ~side rows =
  let buffer = Buffer.create (side * side) in
  let add_pixel row i =
    match (value_of row.[2 * i], value_of row.[(2 * i) + 1]) with
    | Some high, Some low -> Buffer.add_uint8 buffer ((16 * high) + low)
    | _ -> ()
  in
  let add row = if String.length row = 2 * side then for i = 0 to side - 1 do add_pixel row i done in
  if List.compare_length_with rows side <> 0 then None
  else begin
    List.iter add rows;
    if Buffer.length buffer = side * side then Some (Buffer.contents buffer) else None
  end

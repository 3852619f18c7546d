type t = string

(* Drawings are centered, so that the middle tells them apart soonest. *)
let alike ~tolerance left right =
  let size = String.length left in
  let agree i =
    abs (Char.code (String.unsafe_get left i) - Char.code (String.unsafe_get right i)) <= tolerance
  in
  let rec outward down up =
    (down < 0 || agree down) && (up >= size || agree up) && ((down < 0 && up >= size) || outward (down - 1) (up + 1))
  in
  String.length right = size && outward ((size / 2) - 1) (size / 2)

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

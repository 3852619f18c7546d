type t = { store : Store.t; sequence : Primitive.sequence; arrays : (Store.number, int array) Hashtbl.t }

let create store sequence = { store; sequence; arrays = Hashtbl.create 1024 }

let of_number sequences number =
  match Hashtbl.find_opt sequences.arrays number with
  | Some elements -> elements
  | None ->
    let number_of = Store.number_of sequences.store in
    let elements = sequences.sequence.elements ~number:number_of (Store.value sequences.store number) in
    Hashtbl.add sequences.arrays number elements;
    elements

let number_of { store; sequence; _ } elements =
  Store.number_of store (sequence.of_elements ~value:(Store.value store) elements)

let stands_at part whole position =
  let length = Array.length part in
  position + length <= Array.length whole
  &&
  let rec agree i =
    i = length || (Array.unsafe_get part i = Array.unsafe_get whole (position + i) && agree (i + 1))
  in
  agree 0

let first part whole =
  let last = Array.length whole - Array.length part in
  let rec search position =
    if position > last then None else if stands_at part whole position then Some position else search (position + 1)
  in
  search 0

let occurrences part whole =
  let rec collect found position =
    if position < 0 then found
    else collect (if stands_at part whole position then position :: found else found) (position - 1)
  in
  collect [] (Array.length whole - Array.length part)

let common a b =
  let width = Array.length b + 1 in
  let table = Bytes.make ((Array.length a + 1) * width) '\000' in
  for i = Array.length a - 1 downto 0 do
    for j = Array.length b - 1 downto 0 do
      if a.(i) = b.(j) then begin
        let longer = 1 + Char.code (Bytes.unsafe_get table (((i + 1) * width) + j + 1)) in
        Bytes.unsafe_set table ((i * width) + j) (Char.unsafe_chr (min 255 longer))
      end
    done
  done;
  table

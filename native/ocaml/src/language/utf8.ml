let is_continuation c = Char.code c land 0xC0 = 0x80

let length_at text i =
  let size = String.length text in
  let byte k = Char.code text.[k] in
  let follows k = k < size && is_continuation text.[k] in
  let first = byte i in
  if first < 0x80 then 1
  else if first < 0xC2 then 0
  else if first < 0xE0 then if follows (i + 1) then 2 else 0
  else if first < 0xF0 then
    if
      follows (i + 1) && follows (i + 2)
      && not (first = 0xE0 && byte (i + 1) < 0xA0)
      && not (first = 0xED && byte (i + 1) >= 0xA0)
    then 3
    else 0
  else if
    first < 0xF5
    && follows (i + 1) && follows (i + 2) && follows (i + 3)
    && not (first = 0xF0 && byte (i + 1) < 0x90)
    && not (first = 0xF4 && byte (i + 1) >= 0x90)
  then 4
  else 0

(* The position of the first byte that belongs to no character. *)
let first_error text =
  let size = String.length text in
  let rec check i =
    if i >= size then None
    else if text.[i] < '\x80' then check (i + 1)
    else begin
      match length_at text i with
      | 0 -> Some i
      | length -> check (i + length)
    end
  in
  check 0

let is_valid text = first_error text = None

let repaired text =
  if is_valid text then text
  else begin
    let buffer = Buffer.create (String.length text + 16) in
    let rec copy i =
      if i < String.length text then begin
        match length_at text i with
        | 0 ->
          Buffer.add_string buffer "\xEF\xBF\xBD";
          copy (i + 1)
        | length ->
          Buffer.add_string buffer (String.sub text i length);
          copy (i + length)
      end
    in
    copy 0;
    Buffer.contents buffer
  end

let count text =
  let characters = ref 0 in
  String.iter (fun c -> if not (is_continuation c) then incr characters) text;
  !characters

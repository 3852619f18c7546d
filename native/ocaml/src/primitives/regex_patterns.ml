(* {1 Texts}

   A pattern does to a text what it does at each of its positions: its fingerprint has the lengths of its matches there, as bits of
   16-bit words. Matches of more than 15 bytes are left out, and so are the positions beyond the first ones of many. *)

let longest_match = 15
let most_positions = 512

type texts = { texts : string array; offsets : int array; positions : int }

let of_list list =
  let add (kept, positions) text =
    let room = most_positions - positions in
    if List.mem text kept || room < 2 then (kept, positions)
    else begin
      let text = if String.length text < room then text else String.sub text 0 (room - 1) in
      (text :: kept, positions + String.length text + 1)
    end
  in
  let reversed, positions = List.fold_left add ([], 0) list in
  let texts = Array.of_list (List.rev reversed) in
  let next = ref 0 in
  let offset text =
    let here = !next in
    next := here + String.length text + 1;
    here
  in
  { texts; offsets = Array.map offset texts; positions }

let width { positions; _ } = (((2 * positions) + 7) / 8) * 8

(* [f text i]: the lengths of the matches at this position. *)
let fingerprint texts f =
  let print = Bytes.make (width texts) '\000' in
  let set_text n text = String.iteri (fun i _ -> Bytes.set_uint16_ne print (2 * (texts.offsets.(n) + i)) (f text i)) text in
  Array.iteri set_text texts.texts;
  print

let lengths_at regex text i =
  let rec from length mask =
    if length > longest_match || i + length > String.length text then mask
    else begin
      let is_match = Regex.matches_whole regex (String.sub text i length) in
      from (length + 1) (if is_match then mask lor (1 lsl length) else mask)
    end
  in
  from 0 0

let of_pattern texts pattern =
  match Regex.of_string pattern with
  | regex ->
    Budget.refill ~fuel:max_int ~size:max_int;
    Some (fingerprint texts (lengths_at regex))
  | exception Regex.Invalid _ -> None

let leaf texts pattern =
  if pattern = "" then None
  else if String.length pattern = 1 && pattern <> "." then begin
    let letter = pattern.[0] in
    Some (fingerprint texts (fun text i -> if text.[i] = letter then 2 else 0))
  end
  else of_pattern texts pattern

(* {1 Combining} *)

let either width a i b j into =
  let rec from k =
    if k < width then begin
      Bytes.set_int64_ne into k (Int64.logor (Bytes.get_int64_ne a (i + k)) (Bytes.get_int64_ne b (j + k)));
      from (k + 8)
    end
  in
  from 0;
  true

(* Of no use if it matches nowhere. *)
let after positions a i b j into =
  let some = ref 0 in
  for p = 0 to positions - 1 do
    let lengths = ref (Bytes.get_uint16_ne a (i + (2 * p))) and result = ref 0 and length = ref 0 in
    while !lengths <> 0 do
      if !lengths land 1 = 1 then result := !result lor (Bytes.get_uint16_ne b (j + (2 * (p + !length))) lsl !length);
      lengths := !lengths lsr 1;
      incr length
    done;
    some := !some lor !result;
    Bytes.set_uint16_ne into (2 * p) (!result land 0xFFFF)
  done;
  !some <> 0

(* {1 Sets of letters} *)

let letters_width = 32

(* Letters that no text has make no difference. *)
let letters_leaf texts text =
  if String.length text <> 1 || text = "." || not (Array.exists (fun whole -> String.contains whole text.[0]) texts.texts) then None
  else begin
    let print = Bytes.make letters_width '\000' in
    let code = Char.code text.[0] in
    Bytes.set_uint8 print (code / 8) (1 lsl (code mod 8));
    Some print
  end

(* A letter that is there already is of no use. *)
let with_letter a i b j into =
  ignore (either letters_width a i b j into);
  not (Bytes.equal into (Bytes.sub a i letters_width) || Bytes.equal into (Bytes.sub b j letters_width))

let has_letter print i letter =
  let code = Char.code letter in
  Bytes.get_uint8 print (i + (code / 8)) land (1 lsl (code mod 8)) <> 0

let letters texts : Stratum.members =
  {
    width = letters_width;
    leaf = letters_leaf texts;
    operations =
      [ { primitive = "_rconcat"; first = Itself; second = Some Itself; commutative = true; combine = with_letter } ];
    accepted = (fun _ -> None);
  }

let none_of texts a i _ _ into =
  let length_of text place = match Utf8.length_at text place with 0 -> 1 | length -> length in
  let of_text n text =
    let set place letter =
      let lengths = if has_letter a i letter then 0 else 1 lsl length_of text place in
      Bytes.set_uint16_ne into (2 * (texts.offsets.(n) + place)) lengths
    in
    String.iteri set text;
    Bytes.set_uint16_ne into (2 * (texts.offsets.(n) + String.length text)) 0
  in
  Array.iteri of_text texts.texts;
  true

(* {1 Patterns} *)

let rec place_in text part i =
  let length = String.length part in
  if i + length > String.length text then None
  else if String.sub text i length = part then Some i
  else place_in text part (i + 1)

(* A text is accepted by what matches it where it stands in one of the texts. *)
let accepted texts part =
  let length = String.length part in
  let place n = Option.map (fun i -> texts.offsets.(n) + i) (place_in texts.texts.(n) part 0) in
  if length > longest_match then None
  else
    Option.map
      (fun position print i -> Bytes.get_uint16_ne print (i + (2 * position)) land (1 lsl length) <> 0)
      (List.find_map place (List.init (Array.length texts.texts) Fun.id))

let members list : Stratum.members =
  let texts = of_list list in
  let width = width texts in
  let operation primitive ?second ?(commutative = false) first combine : Stratum.operation =
    { primitive; first; second; commutative; combine }
  in
  {
    width;
    leaf = leaf texts;
    operations =
      [
        operation "_rnot" (Other (letters texts)) (none_of texts);
        operation "_ror" Itself ~second:Stratum.Itself ~commutative:true (either width);
        operation "_rconcat" Itself ~second:Stratum.Itself (after texts.positions);
      ];
    accepted = accepted texts;
  }

let stratum : Stratum.t = { name = "pattern"; operations = [ "_rnot"; "_ror"; "_rconcat" ]; members }

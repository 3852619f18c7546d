open Values

(* Positions and lengths are in characters, as in SMT-LIB; most texts are ASCII, where they are those of bytes. *)

let is_ascii text = String.for_all (fun c -> c < '\x80') text

(* The byte at which a character begins, the text's end for the one after the last. *)
let offset text position =
  let rec walk byte left = if left = 0 then byte else walk (byte + Utf8.length_at text byte) (left - 1) in
  if is_ascii text then position else walk 0 position

let examine text = Budget.steps (String.length text lsr 4)

let made text =
  Budget.allocate (String.length text);
  Text text

let length text =
  examine text;
  Utf8.count text

let substring text start count =
  let size = length text in
  if start < 0 || start >= size || count <= 0 then ""
  else begin
    let first = offset text start in
    String.sub text first (offset text (start + min count (size - start)) - first)
  end

(* {1 Occurrences} *)

let stands_at whole part byte =
  let rec agree i = i = String.length part || (whole.[byte + i] = part.[i] && agree (i + 1)) in
  agree 0

(* The first byte, from a given one on, at which the part stands. *)
let find whole part from =
  let last = String.length whole - String.length part in
  let rec search byte =
    if byte > last then None
    else if stands_at whole part byte then Some byte
    else begin
      (* What a comparison may cost is charged before the next, so that no text takes quadratic time for free. *)
      if byte land 15 = 0 then Budget.steps (1 + (String.length part lsr 4));
      search (byte + 1)
    end
  in
  search from

let index_of whole part start =
  if start < 0 || start > length whole then -1
  else begin
    match find whole part (offset whole start) with
    | None -> -1
    | Some byte -> if is_ascii whole then byte else Utf8.count (String.sub whole 0 byte)
  end

let replace whole part replacement =
  match find whole part 0 with
  | None -> Text whole
  | Some byte ->
    let after = byte + String.length part in
    made
      (String.concat ""
         [ String.sub whole 0 byte; replacement; String.sub whole after (String.length whole - after) ])

let is_prefix part whole = String.length part <= String.length whole && stands_at whole part 0

let is_suffix part whole =
  let start = String.length whole - String.length part in
  start >= 0 && stands_at whole part start

(* {1 Numbers} *)

let to_int text =
  if text = "" || not (String.for_all (fun c -> '0' <= c && c <= '9') text) then -1
  else begin
    examine text;
    match int_of_string_opt text with Some value -> value | None -> fail "an integer beyond 63 bits"
  end

let of_int value = if value < 0 then "" else string_of_int value

(* {1 Texts as sequences} *)

(* The number that UTF-8 writes as a character. *)
let code_point text byte =
  let first = Char.code text.[byte] in
  let continued count bits =
    let rec go i code = if i > count then code else go (i + 1) ((code lsl 6) lor (Char.code text.[byte + i] land 0x3F)) in
    go 1 (first land bits)
  in
  match Utf8.length_at text byte with
  | 2 -> continued 1 0x1F
  | 3 -> continued 2 0x0F
  | 4 -> continued 3 0x07
  | _ -> first

let code_points text =
  if is_ascii text then Array.init (String.length text) (fun i -> Char.code text.[i])
  else begin
    let byte = ref 0 in
    Array.init (Utf8.count text) (fun _ ->
        let code = code_point text !byte in
        byte := !byte + max 1 (Utf8.length_at text !byte);
        code)
  end

let of_code_points codes =
  if Array.for_all (fun code -> code < 0x80) codes then Text (String.init (Array.length codes) (fun i -> Char.chr codes.(i)))
  else begin
    let buffer = Buffer.create (Array.length codes) in
    Array.iter (fun code -> Buffer.add_utf_8_uchar buffer (Uchar.of_int code)) codes;
    Text (Buffer.contents buffer)
  end

let characters : Primitive.sequence =
  {
    elements = (fun ~number:_ value -> match value with Text text -> code_points text | _ -> wrong_kind ());
    of_elements = (fun ~value:_ codes -> of_code_points codes);
  }

(* {1 The table} *)

let texts f = Primitive.Binary (fun a b -> match (a, b) with Text a, Text b -> f a b | _ -> wrong_kind ())

let table =
  let primitive ?role name ty implementation ~doc ~example:(program, value) =
    Primitive.make ?role name ty implementation ~doc ~example:{ program; inputs = "[]"; value }
  in
  [
    primitive ~role:(Joins characters) "str.++" "string -> string -> string" (texts (fun a b -> made (a ^ b)))
      ~doc:"the second text after the first"
      ~example:({|(str.++ "ab" "c")|}, {|"abc"|});
    primitive ~role:(Replaces characters) "str.replace" "string -> string -> string -> string"
      (Ternary
         (fun whole part by ->
           match (whole, part, by) with
           | Text whole, Text part, Text by -> replace whole part by
           | _ -> wrong_kind ()))
      ~doc:"the first text with the third in place of the first occurrence of the second; an empty second text stands before all"
      ~example:({|(str.replace "abab" "b" "-")|}, {|"a-ab"|});
    primitive ~role:(Cuts characters) "str.at" "string -> int -> string"
      (Binary
         (fun text position ->
           match (text, position) with Text text, Int at -> made (substring text at 1) | _ -> wrong_kind ()))
      ~doc:"the character at a position, counted from 0; the empty text beyond the text"
      ~example:({|(str.at "abc" 1)|}, {|"b"|});
    primitive ~role:(Cuts characters) "str.substr" "string -> int -> int -> string"
      (Ternary
         (fun text start count ->
           match (text, start, count) with
           | Text text, Int start, Int count -> made (substring text start count)
           | _ -> wrong_kind ()))
      ~doc:"from a position on, at most so many characters; the empty text for a position beyond the text"
      ~example:({|(str.substr "abcd" 1 2)|}, {|"bc"|});
    primitive "str.len" "string -> int"
      (Unary (function Text text -> Int (length text) | _ -> wrong_kind ()))
      ~doc:"the number of characters"
      ~example:({|(str.len "abc")|}, "3");
    primitive "str.indexof" "string -> string -> int -> int"
      (Ternary
         (fun whole part start ->
           match (whole, part, start) with
           | Text whole, Text part, Int start -> Int (index_of whole part start)
           | _ -> wrong_kind ()))
      ~doc:"the position of the first occurrence of the second text at or after a position; -1 if there is none"
      ~example:({|(str.indexof "abab" "b" 2)|}, "3");
    primitive "str.to_int" "string -> int"
      (Unary (function Text text -> Int (to_int text) | _ -> wrong_kind ()))
      ~doc:"the number that the digits of the text write; -1 for a text that is not digits only"
      ~example:({|(str.to_int "007")|}, "7");
    primitive "str.from_int" "int -> string"
      (Unary (function Int value -> made (of_int value) | _ -> wrong_kind ()))
      ~doc:"the digits of a number; the empty text for a negative one"
      ~example:("(str.from_int 12)", {|"12"|});
    primitive "str.prefixof" "string -> string -> bool" (texts (fun part whole -> of_bool (is_prefix part whole)))
      ~doc:"whether the second text begins with the first"
      ~example:({|(str.prefixof "ab" "abc")|}, "true");
    primitive "str.suffixof" "string -> string -> bool" (texts (fun part whole -> of_bool (is_suffix part whole)))
      ~doc:"whether the second text ends with the first"
      ~example:({|(str.suffixof "bc" "abc")|}, "true");
    primitive "str.contains" "string -> string -> bool"
      (texts (fun whole part -> of_bool (find whole part 0 <> None)))
      ~doc:"whether the second text occurs in the first"
      ~example:({|(str.contains "abc" "b")|}, "true");
    primitive "ite" "bool -> t0 -> t0 -> t0" Conditional
      ~doc:"the second argument if the first is true, else the third; only that one is evaluated"
      ~example:("(ite true 1 2)", "1");
  ]

open Failure

type t = Yojson.Safe.t

let deepest = 500

(* Yojson reads recursively, so nesting is bounded before it sees the text. *)
let nests_too_deeply text =
  let rec too_deep i depth in_string =
    if depth > deepest then true
    else if i >= String.length text then false
    else begin
      match text.[i] with
      | '\\' when in_string -> too_deep (i + 2) depth true
      | '"' -> too_deep (i + 1) depth (not in_string)
      | ('[' | '{' | '(' | '<') when not in_string -> too_deep (i + 1) (depth + 1) false
      | (']' | '}' | ')' | '>') when not in_string -> too_deep (i + 1) (depth - 1) false
      | _ -> too_deep (i + 1) depth in_string
    end
  in
  too_deep 0 0 false

let of_line line : t =
  if not (Utf8.is_valid line) then bad_request "the line is not UTF-8";
  if nests_too_deeply line then bad_request "the line is nested too deeply";
  match Yojson.Safe.from_string line with
  | json -> json
  | exception Yojson.Json_error why ->
    bad_request "the line is not JSON: %s" (quoted (String.concat " " (String.split_on_char '\n' why)))
  | exception End_of_file -> bad_request "the line is not JSON: it ends too early"

let field name (json : t) : t option =
  match json with
  | `Assoc fields -> begin
    match List.assoc_opt name fields with None | Some `Null -> None | some -> some
  end
  | _ -> bad_request "an object with the field %s was expected" name

let required name json =
  match field name json with Some value -> value | None -> bad_request "the field %s is missing" name

let text ~what : t -> string = function
  | `String text ->
    if not (Utf8.is_valid text) then bad_request "%s is not valid text" what;
    text
  | _ -> bad_request "%s must be a string" what

let number ~what : t -> float = function
  | `Int n -> float_of_int n
  | `Intlit digits -> float_of_string digits
  | `Float x when Float.is_nan x -> bad_request "%s must be a number" what
  | `Float x -> x
  | _ -> bad_request "%s must be a number" what

let integer ~what : t -> int = function
  | `Int n -> n
  | `Intlit _ -> bad_request "%s is beyond 63 bits" what
  | _ -> bad_request "%s must be an integer" what

let boolean ~what : t -> bool = function `Bool b -> b | _ -> bad_request "%s must be true or false" what
let list ~what : t -> t list = function `List items -> items | _ -> bad_request "%s must be a list" what

let required_text name json = text ~what:name (required name json)
let required_list name json = list ~what:name (required name json)
let optional read name json = Option.map (read ~what:name) (field name json)
let with_default default read name json = Option.value ~default (optional read name json)

let map f items = List.rev (List.rev_map f items)

let mapi f items =
  let numbered (index, made) item = (index + 1, f index item :: made) in
  List.rev (snd (List.fold_left numbered (0, []) items))

let positive ~what json =
  let n = integer ~what json in
  if n < 1 then bad_request "%s must be at least 1" what;
  n

(* Values as JSON: read by their type, written as they are. *)

open Values

exception Unfit of string

let unfit format = Printf.ksprintf (fun message -> raise (Unfit message)) format

let describe (json : Json.t) =
  match json with
  | `Null -> "null"
  | `Bool _ -> "a truth value"
  | `Int _ | `Intlit _ -> "an integer"
  | `Float _ -> "a number with a fraction"
  | `String _ -> "a string"
  | `List _ | `Tuple _ -> "a list"
  | `Assoc _ | `Variant _ -> "an object"

let text string =
  if not (Utf8.is_valid string) then unfit "a string is not valid text";
  Text string

let rec read (ty : Types.t) (json : Json.t) : Values.t =
  let expected what = unfit "%s where %s was expected" (describe json) what in
  match (ty, json) with
  | _, `Intlit digits -> unfit "the integer %s is beyond 63 bits" (Failure.quoted digits)
  | Variable _, `Int n | Constructor ("int", []), `Int n -> Int n
  | Variable _, `Bool b | Constructor ("bool", []), `Bool b -> Bool b
  | Constructor ("char", []), `String s -> if Utf8.count s = 1 then text s else expected "a string of one character"
  | Variable _, `String s | Constructor (("tfullstr" | "tsubstr" | "string"), []), `String s -> text s
  | Variable _, `List items -> read_list ty items
  | Constructor ("list", [ element ]), `List items -> read_list element items
  | Constructor ("->", _), _ -> unfit "a function cannot be given as JSON"
  | Constructor (("int" | "bool" | "char" | "tfullstr" | "tsubstr" | "string" | "list"), _), _ | Variable _, _ ->
    expected (Types.to_string ty)
  | Constructor _, _ -> unfit "the λ-machine has no values of type %s" (Failure.quoted (Types.to_string ty))

and read_list element items = Values.rev_append (List.rev_map (read element) items) Nil

(* More nodes than this are not written out: shared parts can make a small value huge. *)
let largest = 1_000_000

let write value : Json.t =
  let written = ref 0 in
  let rec write depth value : Json.t =
    incr written;
    if !written > largest || depth > Json.deepest then fail "the result is too large to write out";
    match value with
    | Int n -> `Int n
    | Bool b -> `Bool b
    | Text s -> `String s
    | Nil | Cons _ -> `List (List.rev_map (write (depth + 1)) (reversed_elements value))
    | Function _ | Function2 _ -> fail "the result is a function"
    | Delayed delayed -> write depth (force delayed)
  in
  write 0 value

(* Whether a value would be written as this JSON, where a number is equal to another whether or not it has a fraction. *)
let rec is_written value (json : Json.t) =
  match (value, json) with
  | Int n, `Int m -> n = m
  | Int n, `Float x -> Float.abs x < 0x1p62 && Float.of_int (int_of_float x) = x && int_of_float x = n
  | Bool a, `Bool b -> a = b
  | Text a, `String b -> String.equal a b
  | (Nil | Cons _), `List items -> are_written value items
  | Delayed delayed, json -> is_written (force delayed) json
  | (Int _ | Bool _ | Text _ | Nil | Cons _ | Function _ | Function2 _), _ -> false

and are_written list items =
  match (list, items) with
  | Nil, [] -> true
  | Cons (first, rest), item :: items -> is_written first item && are_written rest items
  | _ -> false

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

(* {1 Reading} *)

let expected what json = unfit "%s where %s was expected" (describe json) what

let text string =
  if not (Utf8.is_valid string) then unfit "a string is not valid text";
  Text string

let list_of element items = Values.rev_append (List.rev_map element items) Nil

let check_keys name known fields =
  let rec check met = function
    | [] -> ()
    | (key, _) :: rest ->
      if not (List.mem key known) then unfit "a value of type %s has no field %s" name (Failure.quoted key);
      if List.mem key met then unfit "a value of type %s has the field %s twice" name (Failure.quoted key);
      check (key :: met) rest
  in
  check [] fields

let fraction numerator denominator =
  match Fraction.make numerator denominator with value -> value | exception Failed why -> unfit "%s" why

let grid_of name rows =
  let color : Json.t -> char = function
    | `Int n when n >= Grid.least && n <= Grid.greatest -> Grid.byte n
    | `Int n -> unfit "a color of a %s is from %d to %d, not %d" name Grid.least Grid.greatest n
    | json -> expected "a color" json
  in
  let row : Json.t -> string = function
    | `List colors -> String.of_seq (Seq.map color (List.to_seq colors))
    | json -> expected "a row of a grid" json
  in
  let rows = List.map row rows in
  let width = match rows with [] -> 0 | row :: _ -> String.length row in
  if List.exists (fun row -> String.length row <> width) rows then unfit "the rows of a %s are not equally long" name;
  Grid.make ~height:(List.length rows) ~width (String.concat "" rows)

(* Partly applied, so that a type is examined once for all elements of a list. *)
let rec read ty : Json.t -> Values.t =
  let of_type = reader ty in
  function
  | `Intlit digits -> unfit "the integer %s is beyond 63 bits" (Failure.quoted digits)
  | json -> of_type json

and reader (ty : Types.t) : Json.t -> Values.t =
  match ty with
  | Variable _ -> read_untyped ty
  | Constructor ("->", _) -> fun _ -> unfit "a function cannot be given as JSON"
  | Constructor ("list", [ element ]) -> begin
    let element = read element in
    function `List items -> list_of element items | json -> expected (Types.to_string ty) json
  end
  | Constructor ("set", [ element ]) -> begin
    let element = read element in
    function
    | `List items -> Sets.of_array (Array.of_list (List.map element items)) | json -> expected (Types.to_string ty) json
  end
  | Constructor ("pair", [ first; second ]) -> begin
    let first = read first and second = read second in
    function
    | `List [ a; b ] ->
      let a = first a in
      Cons (a, Cons (second b, Nil))
    | json -> expected (Types.to_string ty) json
  end
  | Constructor (name, arguments) -> begin
    match if arguments = [] then Catalogue.form_of name else None with
    | Some form -> base_reader name form
    | None -> fun _ -> unfit "the λ-machine has no values of type %s" (Failure.quoted (Types.to_string ty))
  end

and base_reader name (form : Base_type.form) : Json.t -> Values.t =
  match form with
  | Integer -> ( function `Int n -> Int n | json -> expected name json)
  | Truth -> ( function `Bool b -> Bool b | json -> expected name json)
  | Fraction -> begin
    function
    | `Int n -> fraction n 1
    | `List [ `Int numerator; `Int denominator ] -> fraction numerator denominator
    | json -> expected name json
  end
  | Drawing { nothing; _ } -> ( function `List [] -> nothing | json -> expected name json)
  | Grid -> ( function `List rows -> Grid (grid_of name rows) | json -> expected name json)
  | Text -> ( function `String s -> text s | json -> expected name json)
  | Character -> begin
    function
    | `String s as json -> if Utf8.count s = 1 then text s else expected "a string of one character" json
    | json -> expected name json
  end
  | Symbol symbols -> begin
    function
    | `String s when List.mem s symbols -> Text s
    | `String s -> unfit "%s is no %s, which is one of %s" (Failure.quoted s) name (String.concat ", " symbols)
    | json -> expected name json
  end
  | Record { fields; optional } -> record_reader name fields optional

(* The keys of all records of a shape are one array. *)
and record_reader name fields optional =
  let keys_of fields = Array.of_list (List.map (fun (field : Base_type.field) -> field.key) fields) in
  let readers = List.map (fun (field : Base_type.field) -> (field.key, read field.ty)) (fields @ optional) in
  let known = List.map fst readers in
  let shapes = Array.init (List.length optional + 1) (fun count -> keys_of (fields @ List.filteri (fun i _ -> i < count) optional)) in
  let required = List.length fields in
  let read_field given i (key, read) =
    match List.assoc_opt key given with
    | Some json -> begin
      match read json with value -> Some value | exception Unfit why -> unfit "%s: %s" key why
    end
    | None when i < required -> unfit "a value of type %s lacks the field %s" name (Failure.quoted key)
    | None -> None
  in
  function
  | `Assoc [] -> Values.record [||] [||]
  | `Assoc given ->
    check_keys name known given;
    let rec leading = function Some value :: rest -> value :: leading rest | _ -> [] in
    let values = leading (List.mapi (read_field given) readers) in
    let count = List.length values in
    if count < List.length given then unfit "a value of type %s lacks an optional field before others" name;
    Values.record shapes.(count - required) (Array.of_list values)
  | json -> expected name json

and read_untyped ty : Json.t -> Values.t = function
  | `Int n -> Int n
  | `Bool b -> Bool b
  | `String s -> text s
  | `List items -> list_of (read ty) items
  | json -> expected (Types.to_string ty) json

let rec left_out types given =
  match types with
  | _ :: types when given > 0 -> left_out types (given - 1)
  | [] -> []
  | types -> begin
    match List.map Catalogue.drawing_of types with
    | drawings when List.for_all Option.is_some drawings ->
      List.map (fun (drawing : Base_type.drawing) -> drawing.nothing) (List.filter_map Fun.id drawings)
    | _ -> []
  end

let read_inputs types inputs =
  let types = Array.of_list types in
  let read i json =
    let ty = if i < Array.length types then types.(i) else Types.Variable 0 in
    match read ty json with value -> value | exception Unfit why -> unfit "input %d: %s" (i + 1) why
  in
  let given = Array.of_list (List.mapi read inputs) in
  Array.append given (Array.of_list (left_out (Array.to_list types) (Array.length given)))

let read_picture (drawing : Base_type.drawing) : Json.t -> Values.t =
  let { Base_type.side; _ } = drawing in
  let row : Json.t -> string = function `String row -> row | json -> expected "a row of hexadecimal digits" json in
  function
  | `Assoc fields -> begin
    match List.assoc_opt "image" fields with
    | Some (`List rows) -> begin
      match Picture.of_rows ~side (List.map row rows) with
      | Some picture -> Text picture
      | None -> unfit "an image has %d rows of %d hexadecimal digits" side (2 * side)
    end
    | Some json -> expected "the list of rows" json
    | None -> unfit "an object without the field image"
  end
  | json -> expected "an object with the field image" json

let read_wanted ty =
  match Catalogue.drawing_of ty with Some drawing -> read_picture drawing | None -> read ty

exception Nothing_is_it

let read_output ty json =
  let rec read_loosely (json : Json.t) =
    match json with
    | `Int n -> Int n
    | `Float x when Float.is_integer x && Float.abs x < 0x1p62 -> Int (int_of_float x)
    | `Bool b -> Bool b
    | `String s -> Text s
    | `List items -> list_of read_loosely items
    | _ -> raise_notrace Nothing_is_it
  in
  match Catalogue.drawing_of ty with
  | Some drawing -> ( match read_picture drawing json with picture -> Some picture | exception Unfit _ -> None)
  | None -> begin
    match read ty json with
    | value -> Some value
    | exception Unfit _ -> begin
      match read_loosely json with value -> Some value | exception Nothing_is_it -> None
    end
  end

(* {1 Writing} *)

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
    | Grid grid -> write depth (rows_of grid)
    | Positions _ | Colored _ | Set _ ->
      let elements = Option.value ~default:[||] (Sets.to_array value) in
      `List (List.map (write (depth + 1)) (Array.to_list elements))
    | Record { keys; fields; _ } ->
      `Assoc (List.map2 (fun key value -> (key, write (depth + 1) value)) (Array.to_list keys) (Array.to_list fields))
    | Function _ | Function2 _ -> fail "the result is a function"
    | Delayed delayed -> write depth (force delayed)
  in
  write 0 value

let write_picture ~side picture : Json.t =
  `Assoc [ ("image", `List (List.map (fun row -> `String row) (Picture.to_rows ~side picture))) ]

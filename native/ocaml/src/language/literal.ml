type t = Integer of int | Text of string | Beyond_63_bits

let text name =
  let size = String.length name in
  if size < 2 || name.[0] <> '"' || name.[size - 1] <> '"' then None
  else begin
    match Yojson.Safe.from_string name with
    | `String text when Utf8.is_valid text -> Some (Text text)
    | _ | (exception Yojson.Json_error _) -> None
  end

let of_name name =
  if Terms.is_integer name then
    Some (match int_of_string_opt name with Some value -> Integer value | None -> Beyond_63_bits)
  else text name

let typed name =
  match of_name name with
  | Some (Integer _) -> Some Types.int
  | Some (Text _) -> Some Types.string
  | Some Beyond_63_bits -> Failure.error Type "the integer %s is beyond 63 bits" (Failure.quoted name)
  | None -> None

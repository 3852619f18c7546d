open Values

type t = {
  assembly : Assembly.t;
  number_types : string list;
  environments : (int, environment array) Hashtbl.t;  (* by hole *)
}

let create library assembly =
  let number_types = Catalogue.number_types ~has:(fun name -> Library.find library name <> None) in
  { assembly; number_types; environments = Hashtbl.create 64 }

let is_merged merging : Types.t -> bool = function
  | Constructor (name, []) -> List.mem name merging.number_types
  | Constructor _ | Variable _ -> false

let applies merging (hole : Holes.hole) = hole.variables = 0 && is_merged merging hole.return

(* {1 Values of variables} *)

exception Depends

let unknown = Delayed { state = Pending { run = (fun _ -> raise_notrace Depends); environment = Empty; depth = 0 } }

(* A prime number of probes: two variables have each pair of values at most once, and equal ones once. *)
let probes = 13

let probe merging place number (ty : Types.t) =
  let n = ((((2 * place) + 1) * number) + (3 * place)) mod probes in
  match ty with
  | Constructor (name, []) when is_merged merging ty -> begin
    match Catalogue.form_of name with
    | Some Integer -> Int n
    | Some Fraction -> Fraction.make ((2 * n) + 1) (probes + n)
    | Some (Truth | Character | Text | Symbol _ | Record _ | Drawing _ | Grid) | None -> unknown
  end
  | Constructor _ | Variable _ -> unknown

let environments merging (hole : Holes.hole) =
  match Hashtbl.find_opt merging.environments hole.number with
  | Some environments -> environments
  | None ->
    let types = List.rev hole.environment in
    let environment number = Evaluation.environment (Array.of_list (List.mapi (fun i -> probe merging i number) types)) in
    let environments = Array.init probes environment in
    Hashtbl.add merging.environments hole.number environments;
    environments

(* {1 Values of terms} *)

type value =
  | Same_as of string
  | Unneeded
  | Unknown

(* Values as bytes, of which a digest is kept: a search compares a million terms. *)
let rec write buffer = function
  | Int n ->
    Buffer.add_char buffer 'i';
    Buffer.add_int64_le buffer (Int64.of_int n)
  | Cons (first, rest) ->
    Buffer.add_char buffer 'c';
    write buffer first;
    write buffer rest
  | Nil -> Buffer.add_char buffer 'n'
  | Bool truth -> Buffer.add_char buffer (if truth then 't' else 'f')
  | Text text ->
    Buffer.add_char buffer 's';
    Buffer.add_int64_le buffer (Int64.of_int (String.length text));
    Buffer.add_string buffer text
  | Record { keys; fields; _ } ->
    Buffer.add_char buffer 'r';
    write buffer (Int (Array.length keys));
    Array.iter (fun key -> write buffer (Text key)) keys;
    Array.iter (write buffer) fields
  | Grid grid -> write buffer (rows_of grid)
  | (Positions _ | Colored _ | Set _) as set ->
    let elements = Option.value ~default:[||] (Sets.to_array set) in
    Buffer.add_char buffer 'm';
    write buffer (Int (Array.length elements));
    Array.iter (write buffer) elements
  | Function _ | Function2 _ | Delayed _ -> wrong_kind ()

let buffer = Buffer.create 512

let digest values =
  Buffer.clear buffer;
  Array.iter (write buffer) values;
  Digest.string (Buffer.contents buffer)

let failed = Nil
let of_no_use = Bool false

let value merging (hole : Holes.hole) node =
  let code = Assembly.body merging.assembly node in
  let seen value =
    match Catalogue.use hole.site.use with
    | None -> value
    | Some { seen; _ } -> Option.value ~default:of_no_use (seen value)
  in
  let outcome environment =
    match Evaluation.run ~view:seen Evaluation.default_limits code environment with
    | Value value -> value
    | Error _ | Fuel | Memory _ -> failed
  in
  match
    if code.free = 0 then Array.make probes (outcome Empty) else Array.map outcome (environments merging hole)
  with
  | values ->
    if Array.for_all (fun value -> Values.equal value failed || Values.equal value of_no_use) values then Unneeded
    else Same_as (digest values)
  | exception Depends -> Unknown

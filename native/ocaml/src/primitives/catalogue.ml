let table =
  Primitives_list.table @ Primitives_regex.table @ Primitives_text.table @ Primitives_clevr.table @ Primitives_logo.table
  @ Primitives_arc.table @ Primitives_search.table

let base_types =
  Base_type.general @ Primitives_regex.base_types @ Primitives_clevr.base_types @ Primitives_logo.base_types
  @ Primitives_arc.base_types

let redundancies = Primitives_list.redundancies @ Primitives_clevr.redundancies

let by_name name_of items =
  let names = Hashtbl.create 128 in
  List.iter (fun item -> Hashtbl.replace names (name_of item) item) items;
  names

let primitives = by_name (fun (primitive : Primitive.t) -> primitive.name) table
let forms = by_name (fun (base : Base_type.t) -> base.name) base_types

let find name =
  match Hashtbl.find_opt primitives name with
  | Some primitive -> Some primitive
  | None -> begin
    let constant kind ty value = Some (Primitive.make ~doc:("the " ^ kind ^ " " ^ name) name ty (Constant value)) in
    match Literal.of_name name with
    | Some (Integer value) -> constant "integer" "int" (Values.Int value)
    | Some (Text text) -> constant "text" "string" (Values.Text text)
    | Some Beyond_63_bits | None -> None
  end

let form_of name = Option.map (fun (base : Base_type.t) -> base.form) (Hashtbl.find_opt forms name)

let spelling_of name = List.assoc_opt name Primitives_regex.spellings

let drawing_of : Types.t -> Base_type.drawing option = function
  | Constructor (name, []) -> begin
    match form_of name with Some (Drawing drawing) -> Some drawing | Some _ | None -> None
  end
  | Constructor _ | Variable _ -> None


let equivalences = [ Primitives_logo.equivalence ]
let uses = Array.of_list (List.concat_map (fun (each : Equivalence.t) -> each.uses) equivalences)

let use_at name argument =
  let rec search i =
    if i = Array.length uses then -1
    else if uses.(i).production = name && uses.(i).argument = argument then i
    else search (i + 1)
  in
  search 0

let use number = if number < 0 then None else Some uses.(number)

let number_types ~has =
  List.concat_map
    (fun ({ marks; number_types; _ } : Equivalence.t) -> if List.exists has marks then number_types else [])
    equivalences

let redundant_at production position = Redundancy.heads_at redundancies production position

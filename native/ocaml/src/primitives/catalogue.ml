let table = Primitives_list.table @ Primitives_regex.table @ Primitives_text.table @ Primitives_clevr.table
let base_types = Base_type.general @ Primitives_regex.base_types @ Primitives_clevr.base_types
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
let redundant_at production position = Redundancy.heads_at redundancies production position

let table = Primitives_list.table @ Primitives_regex.table
let base_types = Base_type.general @ Primitives_regex.base_types
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
  | None when Terms.is_integer name ->
    Option.map (fun value -> Primitive.make ~doc:("the integer " ^ name) name "int" (Constant (Values.Int value))) (int_of_string_opt name)
  | None -> None

let form_of name = Option.map (fun (base : Base_type.t) -> base.form) (Hashtbl.find_opt forms name)
let redundant_at production position = Redundancy.heads_at redundancies production position

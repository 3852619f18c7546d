(* Every primitive that the machine implements: the one home of its type and of
   its meaning. Integers written as [-?[0-9]+] are constants of type int. *)

let table = Primitives_list.table @ Primitives_regex.table

let by_name =
  let names = Hashtbl.create 128 in
  List.iter (fun (primitive : Primitive.t) -> Hashtbl.replace names primitive.name primitive) table;
  names

let find name =
  match Hashtbl.find_opt by_name name with
  | Some primitive -> Some primitive
  | None when Terms.is_integer name ->
    Option.map
      (fun value -> Primitive.make ~domains:[] name "int" (Constant (Values.Int value)))
      (int_of_string_opt name)
  | None -> None

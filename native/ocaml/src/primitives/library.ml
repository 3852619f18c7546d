open Failure

type production = { name : string; ty : Types.t; definition : Terms.t option }

type weights = { of_productions : float array; of_variables : float }

type contexts =
  | Same of weights
  | By_parent of { start : weights; variable : weights; arguments : weights array array }

type t = {
  productions : production array;
  contexts : contexts;
  continuation : Types.t option;
  index : (string, int) Hashtbl.t;
}

let make ?continuation productions contexts =
  let index = Hashtbl.create (2 * Array.length productions) in
  Array.iteri
    (fun i { name; _ } ->
      if Hashtbl.mem index name then bad_request "two productions are named %s" (quoted name);
      Hashtbl.replace index name i)
    productions;
  { productions; contexts; continuation; index }

let with_contexts library contexts = { library with contexts }

let find library name = Hashtbl.find_opt library.index name

let type_of_name library name = Option.map (fun i -> library.productions.(i).ty) (find library name)

(* {1 Checking} *)

(* A definition sees the productions before it, and primitives that the library leaves out. *)
let type_in_definition library position name =
  match find library name with
  | Some i when i < position -> Some library.productions.(i).ty
  | Some _ -> None
  | None -> Option.map (fun (primitive : Primitive.t) -> Types.canonical primitive.ty) (Catalogue.find name)

let check ~evaluated library =
  let check_production position { name; ty; definition } =
    match definition with
    | Some term -> begin
      try Inference.check ~type_of_name:(type_in_definition library position) term ty
      with Error (kind, message) -> error kind "production %s: %s" (quoted name) message
    end
    | None when not evaluated -> ()
    | None -> begin
      match Catalogue.find name with
      | None ->
        error Unknown_primitive "production %s has no definition and is no primitive of the λ-machine" (quoted name)
      | Some primitive ->
        if not (Types.is_instance ~general:(Types.canonical primitive.ty) ty) then
          error Type "production %s is declared as %s, but the primitive is %s" (quoted name)
            (quoted (Types.to_string ty)) (Types.to_string primitive.ty)
    end
  in
  Array.iteri check_production library.productions

(* A library as requests carry it: productions with types, weights and, for
   learned abstractions, definitions; and the weights of contextual grammars
   (DreamCoder's bigram grammars). *)

open Failure

type production = {
  name : string;
  ty : Types.t;  (* canonical *)
  definition : Terms.t option;
}

type weights = {
  of_productions : float array;  (* log weights; -inf: never proposed *)
  of_variables : float;
}

(* Where a hole stands: which weights apply to it. *)
type contexts =
  | Same of weights
  | By_parent of { start : weights; variable : weights; arguments : weights array array }

type t = {
  productions : production array;
  contexts : contexts;
  continuation : Types.t option;
  index : (string, int) Hashtbl.t;
}

let find library name = Hashtbl.find_opt library.index name

let type_of_name library name = Option.map (fun i -> library.productions.(i).ty) (find library name)

(* {1 Reading} *)

let log_weight ~what : Json.t -> float = function
  | `Null -> neg_infinity
  | json ->
    let weight = Json.number ~what json in
    if weight = infinity then bad_request "%s must be finite" what;
    weight

let optional_log_weight ~what ~default = function None -> default | Some json -> log_weight ~what json

let production_of_json json =
  let name = Json.required_text "name" json in
  if not (Terms.is_name name) then bad_request "a production cannot be named %S" (quoted name);
  let what part = Printf.sprintf "%s of production %s" part (quoted name) in
  let in_production part f =
    try f () with Error (kind, message) -> error kind "%s: %s" (what part) message
  in
  let ty =
    in_production "type" (fun () -> Types.canonical (parse_type (Json.required_text "type" json)))
  in
  let definition =
    in_production "definition" (fun () ->
        Option.map (fun text -> parse_term text) (Json.optional Json.text "definition" json))
  in
  let weight =
    match json with
    | `Assoc fields ->
      optional_log_weight ~what:(what "log_weight") ~default:0. (List.assoc_opt "log_weight" fields)
    | _ -> 0.
  in
  ({ name; ty; definition }, weight)

let weights_of_json ~what count json =
  let listed = Json.list ~what:(what ^ ".log_weights") (Json.required "log_weights" json) in
  if List.length listed <> count then
    bad_request "%s.log_weights: %d weights for %d productions" what (List.length listed) count;
  let log_variable =
    match json with `Assoc fields -> List.assoc_opt "log_variable" fields | _ -> None
  in
  {
    of_productions = Array.of_list (List.map (log_weight ~what) listed);
    of_variables = optional_log_weight ~what:(what ^ ".log_variable") ~default:0. log_variable;
  }

let contextual_of_json productions json =
  let count = Array.length productions in
  let read name = weights_of_json ~what:("contextual." ^ name) count (Json.required name json) in
  let start = read "start" and variable = read "variable" in
  let parents = Json.required "productions" json in
  let arguments production =
    let arity = List.length (Types.arguments_of production.ty) in
    let what = Printf.sprintf "contextual.productions of %s" (quoted production.name) in
    match Json.field production.name parents with
    | None when arity = 0 -> [||]
    | None -> bad_request "%s are missing" what
    | Some json ->
      let listed = Json.list ~what json in
      if List.length listed <> arity then
        bad_request "%s: %d weights for %d arguments" what (List.length listed) arity;
      Array.of_list (List.map (weights_of_json ~what count) listed)
  in
  By_parent { start; variable; arguments = Array.map arguments productions }

let of_json json =
  let read = List.map production_of_json (Json.required_list "productions" json) in
  let productions = Array.of_list (List.map fst read) in
  let index = Hashtbl.create (2 * Array.length productions) in
  Array.iteri
    (fun i production ->
      if Hashtbl.mem index production.name then
        bad_request "two productions are named %s" (quoted production.name);
      Hashtbl.replace index production.name i)
    productions;
  let log_variable =
    match json with `Assoc fields -> List.assoc_opt "log_variable" fields | _ -> None
  in
  let contexts =
    match Json.field "contextual" json with
    | Some contextual -> contextual_of_json productions contextual
    | None ->
      Same
        {
          of_productions = Array.of_list (List.map snd read);
          of_variables = optional_log_weight ~what:"log_variable" ~default:0. log_variable;
        }
  in
  let continuation = Option.map parse_type (Json.optional Json.text "continuation" json) in
  { productions; contexts; continuation; index }

(* {1 Checking} *)

(* A definition sees the productions before it, and primitives that the library leaves out. *)
let type_in_definition library position name =
  match find library name with
  | Some i when i < position -> Some library.productions.(i).ty
  | Some _ -> None
  | None -> Option.map (fun (primitive : Primitive.t) -> Types.canonical primitive.ty) (Catalogue.find name)

(* Checks each definition against its declared type, and, when its programs are to
   be [evaluated], that every production is implemented with the type declared. *)
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

open Failure

(* A field that may be null, which is not the same as absent. *)
let nullable name : Json.t -> Json.t option = function `Assoc fields -> List.assoc_opt name fields | _ -> None

let log_weight ~what : Json.t -> float = function
  | `Null -> neg_infinity
  | json ->
    let weight = Json.number ~what json in
    if weight = infinity then bad_request "%s must be finite" what;
    weight

let optional_log_weight ~what name json =
  match nullable name json with None -> 0. | Some weight -> log_weight ~what weight

(* {1 Weights} *)

let weights_of ~what count json : Library.weights =
  let listed = Json.list ~what:(what ^ ".log_weights") (Json.required "log_weights" json) in
  if List.length listed <> count then
    bad_request "%s.log_weights: %d weights for %d productions" what (List.length listed) count;
  {
    of_productions = Array.of_list (List.map (log_weight ~what) listed);
    of_variables = optional_log_weight ~what:(what ^ ".log_variable") "log_variable" json;
  }

let contextual_of ~what (productions : Library.production array) json =
  let count = Array.length productions in
  let read name = weights_of ~what:(Printf.sprintf "%s.%s" what name) count (Json.required name json) in
  let start = read "start" and variable = read "variable" in
  let parents = Json.required "productions" json in
  let arguments (production : Library.production) =
    let arity = List.length (Types.arguments_of production.ty) in
    let what = Printf.sprintf "%s.productions of %s" what (quoted production.name) in
    match Json.field production.name parents with
    | None when arity = 0 -> [||]
    | None -> bad_request "%s are missing" what
    | Some json ->
      let listed = Json.list ~what json in
      if List.length listed <> arity then
        bad_request "%s: %d weights for %d arguments" what (List.length listed) arity;
      Array.of_list (List.map (weights_of ~what count) listed)
  in
  Library.By_parent { start; variable; arguments = Array.map arguments productions }

let contexts (library : Library.t) json =
  let what = "weights" and has name = Json.field name json <> None in
  match (has "log_weights", has "start") with
  | true, false -> Library.Same (weights_of ~what (Array.length library.productions) json)
  | false, true -> contextual_of ~what library.productions json
  | _ -> bad_request "weights have either log_weights, or start, variable and productions"

(* {1 Libraries} *)

let production json : Library.production * float =
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
    in_production "definition" (fun () -> Option.map parse_term (Json.optional Json.text "definition" json))
  in
  ({ name; ty; definition }, optional_log_weight ~what:(what "log_weight") "log_weight" json)

let read json =
  let listed = List.map production (Json.required_list "productions" json) in
  let productions = Array.of_list (List.map fst listed) in
  let contexts =
    match Json.field "contextual" json with
    | Some contextual -> contextual_of ~what:"contextual" productions contextual
    | None ->
      Library.Same
        {
          of_productions = Array.of_list (List.map snd listed);
          of_variables = optional_log_weight ~what:"log_variable" "log_variable" json;
        }
  in
  let continuation = Option.map parse_type (Json.optional Json.text "continuation" json) in
  Library.make ?continuation productions contexts

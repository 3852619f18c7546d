open Failure

type json = Json.t

(* {1 Reading} *)

let request_of json = parse_type (Json.required_text "request" json)
let prepared_of json = Prepared.of_json (Json.required "library" json)
let weights_of json = Json.field "weights" json
let grammar_of json = Prepared.grammar (prepared_of json) ~weights:(weights_of json)
let mutation_of json = Prepared.mutation (prepared_of json) ~weights:(weights_of json)

let limits_of json : Evaluation.limits =
  let { Evaluation.fuel; size } = Evaluation.default_limits in
  {
    fuel = Json.with_default fuel Json.positive "fuel" json;
    size = Json.with_default size Json.positive "size" json;
  }

let seed_of json = Json.with_default 0 Json.integer "seed" json

let max_depth_of ~default json =
  let max_depth = Json.with_default default Json.positive "max_depth" json in
  if max_depth > Enumeration.deepest then bad_request "max_depth must be at most %d" Enumeration.deepest;
  max_depth

(* {1 Writing} *)

let log_prior x : json = if x = neg_infinity then `Null else `Float (if x = 0. then 0. else x)

let error_json ?(fields = []) kind message : json =
  `Assoc ([ ("kind", `String (name kind)); ("message", `String message) ] @ fields)

let wrong kind message : json = `Assoc [ ("error", error_json kind message) ]
let results listed : json = `Assoc [ ("results", `List listed) ]

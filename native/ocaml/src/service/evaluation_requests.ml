open Failure
open Protocol

let primitives () : json =
  let describe (primitive : Primitive.t) : json =
    let ty = Types.to_string (Types.canonical primitive.ty) in
    let example ({ program; inputs; value } : Primitive.example) : (string * json) list =
      let json = Yojson.Safe.from_string in
      [ ("example", `Assoc [ ("program", `String program); ("inputs", json inputs); ("value", json value) ]) ]
    in
    `Assoc
      ([ ("name", `String primitive.name); ("type", `String ty); ("doc", `String primitive.doc) ]
      @ Option.fold ~none:[] ~some:example primitive.example)
  in
  `Assoc [ ("primitives", `List (List.map describe Catalogue.table)) ]

let infer json : json =
  let type_of_name = Library.type_of_name (Prepared.library (prepared_of json)) in
  let infer program : json =
    match Inference.infer ~type_of_name (parse_term (Json.text ~what:"a program" program)) with
    | ty -> `Assoc [ ("type", `String (Types.to_string ty)) ]
    | exception Error (kind, message) -> wrong kind message
  in
  results (Json.map infer (Json.required_list "programs" json))

(* {1 evaluate} *)

let status ?value ?message name : json =
  let optional key = function None -> [] | Some value -> [ (key, value) ] in
  `Assoc ((("status", `String name) :: optional "value" value) @ optional "message" message)

(* What a program's value is shown as: itself or, if it draws, the picture. *)
type shown = { view : Values.t -> Values.t; write : Values.t -> json; is_right : Values.t -> Values.t -> bool }

let plain = { view = Fun.id; write = Codec.write; is_right = Values.equal }

let pictured ({ trace; picture; side; tolerance; _ } : Base_type.drawing) =
  let pixels = function Values.Text pixels -> pixels | _ -> Values.wrong_kind () in
  {
    view = (fun value -> Text (picture (trace value)));
    write = (fun value -> Codec.write_picture ~side (pixels value));
    is_right = (fun value wanted -> Picture.alike ~tolerance (pixels value) (pixels wanted));
  }

let outcome_json shown : Evaluation.outcome -> json = function
  | Value value -> begin
    match shown.write value with
    | value -> status "ok" ~value
    | exception Values.Failed message -> status "error" ~message:(`String message)
  end
  | Error message -> status "error" ~message:(`String message)
  | Fuel -> status "fuel" ~message:(`String "more steps than allowed")
  | Memory message -> status "memory" ~message:(`String message)

(* A job's program, and the type at which it is run. *)
let program_of ~type_of_name job =
  let program = parse_term (Json.required_text "program" job) in
  match Json.optional Json.text "request" job with
  | None -> (program, Inference.infer ~type_of_name program)
  | Some request ->
    let request = parse_type request in
    Inference.check_fits ~type_of_name program request;
    (program, request)

(* Whether each outcome is the output that the job gives with its inputs, if it gives outputs. *)
let with_rightness shown ty job outcomes : json list =
  let right wanted (outcome, json) : json =
    match (outcome, Codec.read_output (Types.return_of ty) wanted, json) with
    | Evaluation.Value value, Some wanted, `Assoc fields ->
      `Assoc (fields @ [ ("right", `Bool (shown.is_right value wanted)) ])
    | _, _, `Assoc fields -> `Assoc (fields @ [ ("right", `Bool false) ])
    | _, _, json -> json
  in
  match Json.optional Json.list "outputs" job with
  | None -> List.map snd outcomes
  | Some wanted when List.compare_lengths wanted outcomes = 0 -> List.map2 right wanted outcomes
  | Some _ -> bad_request "outputs must be as many as inputs"

let evaluate json : json =
  let prepared = prepared_of json in
  let heads = Prepared.compiled prepared and limits = limits_of json in
  let type_of_name = Library.type_of_name (Prepared.library prepared) in
  let evaluate job : json =
    let inputs = Json.required_list "inputs" job in
    match program_of ~type_of_name job with
    | program, ty ->
      let types = Types.arguments_of ty in
      let program = Evaluation.program_of_term heads program in
      let drawn = Option.fold ~none:plain ~some:pictured (Catalogue.drawing_of (Types.return_of ty)) in
      let evaluate inputs =
        match Codec.read_inputs types (Json.list ~what:"inputs" inputs) with
        | inputs ->
          let shown = if Array.length inputs = List.length types then drawn else plain in
          let outcome = Evaluation.run_program ~view:shown.view limits program inputs in
          (outcome, outcome_json shown outcome)
        | exception Codec.Unfit why -> (Evaluation.Error why, status "error" ~message:(`String why))
      in
      `List (with_rightness drawn ty job (Json.map evaluate inputs))
    | exception Error (kind, message) -> wrong kind message
  in
  results (Json.map evaluate (Json.required_list "jobs" json))

open Failure
open Protocol

let chance_of name default json =
  let chance = Json.with_default default Json.number name json in
  if not (chance >= 0. && Float.is_finite chance) then bad_request "%s must not be negative" name;
  chance

let chances_of json : Line_mutation.chances =
  let chances =
    {
      Line_mutation.argument = chance_of "argument" 0.5 json;
      head = chance_of "function" 0.25 json;
      line = chance_of "line" 0.25 json;
      new_line = chance_of "new_line" 0.5 json;
    }
  in
  if chances.argument +. chances.head +. chances.line <= 0. then bad_request "one of the chances must be positive";
  if chances.new_line > 1. then bad_request "new_line is a probability";
  chances

let inputs_of request json =
  let types = Types.arguments_of request in
  let read number inputs =
    match Codec.read_inputs types (Json.list ~what:"inputs" inputs) with
    | inputs when Array.length inputs = List.length types -> inputs
    | _ -> bad_request "inputs %d: the request takes %d" (number + 1) (List.length types)
    | exception Codec.Unfit why -> bad_request "inputs %d: %s" (number + 1) why
  in
  let inputs = Array.of_list (Json.mapi read (Json.required_list "inputs" json)) in
  if inputs = [||] then bad_request "there are no inputs to run on";
  (* What fails on a small input is not run on a large one. *)
  let size inputs = Array.fold_left (fun size value -> size + Judge.value_size value) 0 inputs in
  Array.stable_sort (fun a b -> Int.compare (size a) (size b)) inputs;
  inputs

let programs_of json =
  let program json = (Json.required_text "program" json, Json.integer ~what:"seed" (Json.required "seed" json)) in
  Json.map program (Json.required_list "programs" json)

let most_mutants = 10_000_000
let default_tries = 20

let mutate json : json =
  let prepared = prepared_of json and request = request_of json in
  let heads = Prepared.compiled prepared in
  let programs = programs_of json in
  let count = Json.with_default 1 Json.positive "count" json in
  let most_tries = Json.with_default default_tries Json.positive "tries" json in
  if count > most_mutants / max 1 (List.length programs) || most_tries > most_mutants then
    bad_request "count must be at most %d for all programs together" most_mutants;
  let settings : Accepted_mutants.settings =
    { request; chances = chances_of json; limits = limits_of json; count; most_tries; any_depth = Json.with_default false Json.boolean "any_depth" json }
  in
  let started = Sys.time () in
  let mutation = Prepared.line_mutation prepared in
  let { Accepted_mutants.mutants; wrong = refused; counts } =
    Accepted_mutants.find mutation heads settings ~inputs:(inputs_of request json) programs
  in
  let mutant ({ text; parent } : Accepted_mutants.mutant) : json =
    `Assoc [ ("program", `String text); ("parent", `String parent) ]
  in
  let answer number mutants : json =
    match List.assoc_opt number refused with
    | Some message -> wrong Type message
    | None -> `Assoc [ ("mutants", `List (List.map mutant mutants)) ]
  in
  `Assoc
    [
      ("results", `List (Array.to_list (Array.mapi answer mutants)));
      ( "counts",
        `Assoc
          [
            ("tried", `Int counts.tried); ("unfit", `Int counts.unfit); ("invalid", `Int counts.invalid);
            ("identity", `Int counts.identity); ("duplicate", `Int counts.duplicate);
          ] );
      ("cpu_seconds", `Float (Sys.time () -. started));
    ]

(* The operations mutate, crossover and improve of the protocol, and sample within a size. *)

open Failure

type json = Json.t

let workshop_of json = Prepared.workshop (Protocol.prepared json)

type asked = {
  workshop : Mutation.workshop;
  settings : Mutation.settings;
  programs : json list;
  seeds : int array;  (* one a program *)
  first : int;
  count : int;
}

let not_negative ~what json =
  let n = Json.integer ~what json in
  if n < 0 then bad_request "%s must not be negative" what;
  n

let default_size = 100
let default_depth = 5
let most_mutants = 10_000_000

let asked ~programs json =
  let request = Protocol.request_of "request" json in
  let seed = Json.with_default 0 Json.integer "seed" json in
  let seeds =
    match Json.optional Json.list "seeds" json with
    | None -> Array.init (List.length programs) (fun i -> seed + i)
    | Some seeds -> Array.of_list (Json.map (Json.integer ~what:"a seed") seeds)
  in
  if Array.length seeds <> List.length programs then bad_request "seeds must be as many as programs";
  let count = Json.with_default 1 not_negative "count" json in
  if count > most_mutants / max 1 (List.length programs) then
    bad_request "count must be at most %d for all programs together" most_mutants;
  let max_size = min Completions.infinite (Json.with_default default_size Json.positive "max_size" json) in
  let max_depth = Json.with_default default_depth Json.positive "max_depth" json in
  if max_depth > Enumeration.deepest then bad_request "max_depth must be at most %d" Enumeration.deepest;
  {
    workshop = workshop_of json;
    settings = { request; max_size; max_depth };
    programs;
    seeds;
    first = Json.with_default 0 not_negative "first" json;
    count;
  }

let mutant_json { Mutation.text; log_prior; mate } : json =
  let log_prior : json =
    if log_prior = neg_infinity then `Null else `Float (if log_prior = 0. then 0. else log_prior)
  in
  let mate = match mate with None -> [] | Some number -> [ ("mate", `Int number) ] in
  `Assoc ([ ("program", `String text); ("log_prior", log_prior) ] @ mate)

exception Nothing_fits

let error kind message : json = `Assoc [ ("error", Protocol.error_json kind message) ]

(* A program's error is that program's answer. *)
let guarded make : json =
  match make () with
  | mutants -> `Assoc [ ("mutants", `List mutants) ]
  | exception Error (kind, message) -> error kind message
  | exception Types.Too_large -> error Type "its types are too large"
  | exception Stack_overflow -> error Bad_request "it is nested too deeply"

let text_of program = Json.text ~what:"a program" program

let results asked ~none each : json =
  let answer i program =
    match
      guarded (fun () ->
          let parent = Mutation.parent asked.workshop asked.settings (text_of program) in
          let mutant index =
            match each parent ~seed:asked.seeds.(i) ~index:(asked.first + index) with
            | Some mutant -> mutant_json mutant
            | None -> raise Nothing_fits
          in
          List.init asked.count mutant)
    with
    | answer -> answer
    | exception Nothing_fits -> `Assoc [ ("error", `Assoc [ ("kind", `String "none"); ("message", `String none) ]) ]
  in
  `Assoc [ ("results", `List (List.mapi answer asked.programs)) ]

let mutate json : json =
  let asked = asked ~programs:(Json.required_list "programs" json) json in
  let none = Printf.sprintf "no other program of at most %d nodes differs in one part" asked.settings.max_size in
  results asked ~none (Mutation.mutate asked.workshop asked.settings)

(* What cannot be read gives no parts; as a parent it says so. *)
let mate_of asked number program : Mutation.mate option =
  match
    let text = text_of program in
    Derivation.of_term asked.workshop.grammar (Types.Variable 0) (parse_term text)
  with
  | of_program ->
    let written = Derivation.to_string asked.workshop.grammar.library of_program.root in
    Some { number; of_program; written }
  | exception (Error _ | Types.Too_large | Stack_overflow) -> None

let crossover json : json =
  let asked = asked ~programs:(Json.required_list "programs" json) json in
  let mates = Json.with_default asked.programs Json.list "mates" json in
  let read = List.filter_map Fun.id (List.mapi (mate_of asked) mates) in
  let pool = Mutation.pool (Array.of_list read) in
  let none = Printf.sprintf "no mate has a part that fits, within %d nodes" asked.settings.max_size in
  results asked ~none (fun parent -> Mutation.cross asked.workshop asked.settings parent pool)

(* {1 improve} *)

let example_of types json : Improvement.example =
  let inputs = Json.required_list "inputs" json in
  let inputs = match Protocol.read_inputs types inputs with inputs -> Some inputs | exception Codec.Unfit _ -> None in
  (* Null is an output, too: one that nothing gives. *)
  { inputs; output = Option.value ~default:`Null (Json.field "output" json) }

let improve json : json =
  let prepared = Protocol.prepared json in
  let assembly = Assembly.of_compiled (Prepared.library prepared) (Prepared.compiled prepared) in
  let asked = asked ~programs:[ Json.required "program" json ] json in
  let types = Types.arguments_of asked.settings.request in
  let flag name = Json.with_default false Json.boolean name json in
  let settings : Improvement.settings =
    {
      mutation = asked.settings;
      limits = Protocol.limits_of json;
      examples = Array.of_list (Json.map (example_of types) (Json.required_list "examples" json));
      most = asked.count;
      drift = flag "drift";
    }
  in
  let program = Json.required_text "program" json and right = Json.integer ~what:"right" (Json.required "right" json) in
  let { Improvement.found; examined; run } =
    Improvement.step asked.workshop assembly settings ~seed:asked.seeds.(0) program ~right
  in
  let found : json =
    match found with
    | None -> `Null
    | Some { text; right } -> `Assoc [ ("program", `String text); ("right", `Int right) ]
  in
  `Assoc [ ("found", found); ("examined", `Int examined); ("run", `Int run) ]

(* {1 sample} *)

let drawn_json library (node, log_prior, _, _) : json =
  `Assoc
    [
      ("program", `String (Holes.to_string library node));
      ("log_prior", `Float (if log_prior = 0. then 0. else log_prior));
    ]

let sample_within max_size json : json =
  let request = Protocol.request_of "request" json in
  let seed = Json.with_default 0 Json.integer "seed" json in
  let count = Json.with_default 1 not_negative "count" json in
  if count > most_mutants then bad_request "count must be between 0 and %d" most_mutants;
  let max_depth = Json.with_default 12 Json.positive "max_depth" json in
  let { Mutation.completions; grammar } = workshop_of json in
  let root = Holes.root completions.graph request in
  let random = Splitmix.create seed in
  let drawing = { Drawing.completions; random; max_depth } in
  let draw () =
    match Drawing.draw drawing root.hole ~room:(min Completions.infinite max_size) with
    | node, log_prior, size, decided -> ({ node with lambdas = root.lambdas }, log_prior, size, decided)
    | exception Drawing.Nothing_fits ->
      bad_request "no program of type %s has at most %d nodes" (quoted (Types.to_string request)) max_size
  in
  `Assoc [ ("programs", `List (Json.map (drawn_json grammar.library) (List.init count (fun _ -> draw ())))) ]

let sample json : json =
  match Json.optional Json.positive "max_size" json with
  | None -> Protocol.sample json
  | Some max_size -> sample_within max_size json

open Failure
open Protocol

type asked = {
  mutation : Mutation.t;
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
  let request = request_of json and seed = seed_of json in
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
  {
    mutation = mutation_of json;
    settings = { request; max_size; max_depth = max_depth_of ~default:default_depth json };
    programs;
    seeds;
    first = Json.with_default 0 not_negative "first" json;
    count;
  }

let drawn_json ?(fields = []) text prior : json =
  `Assoc ([ ("program", `String text); ("log_prior", log_prior prior) ] @ fields)

let mutant_json (mutant : Mutation.mutant) =
  let mate number : string * json = ("mate", `Int number) in
  drawn_json mutant.text mutant.log_prior ~fields:(Option.to_list (Option.map mate mutant.mate))

exception Nothing_fits

(* A program's error is that program's answer. *)
let guarded make : json =
  match make () with
  | mutants -> `Assoc [ ("mutants", `List mutants) ]
  | exception Error (kind, message) -> wrong kind message
  | exception Types.Too_large -> wrong Type "its types are too large"
  | exception Stack_overflow -> wrong Bad_request "it is nested too deeply"

let text_of program = Json.text ~what:"a program" program

let varied asked ~none each : json =
  let answer i program =
    match
      guarded (fun () ->
          let read () = Mutation.parent asked.mutation asked.settings (text_of program) in
          let parent = ref (read ()) in
          let mutant index =
            if Mutation.renew_if_large asked.mutation then parent := read ();
            match each !parent ~seed:asked.seeds.(i) ~index:(asked.first + index) with
            | Some mutant -> mutant_json mutant
            | None -> raise Nothing_fits
          in
          List.init asked.count mutant)
    with
    | answer -> answer
    | exception Nothing_fits -> `Assoc [ ("error", `Assoc [ ("kind", `String "none"); ("message", `String none) ]) ]
  in
  results (Json.mapi answer asked.programs)

let mutate json : json =
  let asked = asked ~programs:(Json.required_list "programs" json) json in
  let none = Printf.sprintf "no other program of at most %d nodes differs in one part" asked.settings.max_size in
  varied asked ~none (Mutation.mutate asked.mutation asked.settings)

(* What cannot be read gives no parts; as a parent it says so. *)
let mate_of asked number program : Mutation.mate option =
  match
    let text = text_of program in
    Derivation.of_term asked.mutation.grammar (Types.Variable 0) (parse_term text)
  with
  | of_program ->
    let written = Derivation.to_string asked.mutation.grammar.library of_program.root in
    Some { number; of_program; written }
  | exception (Error _ | Types.Too_large | Stack_overflow) -> None

let crossover json : json =
  let asked = asked ~programs:(Json.required_list "programs" json) json in
  let mates = Json.with_default asked.programs Json.list "mates" json in
  let read = List.filter_map Fun.id (Json.mapi (mate_of asked) mates) in
  let pool = Mutation.pool (Array.of_list read) in
  let none = Printf.sprintf "no mate has a part that fits, within %d nodes" asked.settings.max_size in
  varied asked ~none (fun parent -> Mutation.cross asked.mutation asked.settings parent pool)

(* {1 improve} *)

let example_of types return json : Improvement.example =
  let inputs = Json.required_list "inputs" json in
  let inputs = match Codec.read_inputs types inputs with inputs -> Some inputs | exception Codec.Unfit _ -> None in
  (* Null is an output, too: one that nothing gives. *)
  { inputs; output = Option.bind (Json.field "output" json) (Codec.read_output return) }

let improve json : json =
  let prepared = prepared_of json in
  let assembly = Assembly.create (Prepared.library prepared) (Prepared.compiled prepared) in
  let asked = asked ~programs:[ Json.required "program" json ] json in
  let { Mutation.request; _ } = asked.settings in
  let example = example_of (Types.arguments_of request) (Types.return_of request) in
  let flag name = Json.with_default false Json.boolean name json in
  let settings : Improvement.settings =
    {
      mutation = asked.settings;
      limits = limits_of json;
      examples = Array.of_list (Json.map example (Json.required_list "examples" json));
      most = asked.count;
      drift = flag "drift";
    }
  in
  let program = Json.required_text "program" json and right = Json.integer ~what:"right" (Json.required "right" json) in
  let { Improvement.found; examined; run } =
    Improvement.step asked.mutation assembly settings ~seed:asked.seeds.(0) program ~right
  in
  let found : json =
    match found with
    | None -> `Null
    | Some { text; right } -> `Assoc [ ("program", `String text); ("right", `Int right) ]
  in
  `Assoc [ ("found", found); ("examined", `Int examined); ("run", `Int run) ]

(* {1 sample} *)

let default_sample_depth = 12

let sample_within mutation request ~seed ~count ~max_depth ~max_size =
  let random = Splitmix.create seed in
  let draw _ =
    ignore (Mutation.renew_if_large mutation);
    let { Mutation.completions; grammar } = mutation in
    let root = Holes.root (Completions.graph completions) request in
    let drawing = { Drawing.completions; random; max_depth } in
    match Drawing.draw drawing root.hole ~room:(min Completions.infinite max_size) with
    | node, log_prior, _, _ -> drawn_json (Holes.to_string grammar.library { node with lambdas = root.lambdas }) log_prior
    | exception Drawing.Nothing_fits ->
      bad_request "no program of type %s has at most %d nodes" (quoted (Types.to_string request)) max_size
  in
  List.init count draw

let sample json : json =
  let request = request_of json and seed = seed_of json in
  let count = Json.with_default 1 not_negative "count" json in
  if count > most_mutants then bad_request "count must be between 0 and %d" most_mutants;
  let programs =
    match Json.optional Json.positive "max_size" json with
    | Some max_size ->
      let max_depth = Json.with_default default_sample_depth Json.positive "max_depth" json in
      sample_within (mutation_of json) request ~seed ~count ~max_depth ~max_size
    | None ->
      let max_depth = max_depth_of ~default:default_sample_depth json in
      let grammar = grammar_of json in
      let drawn (node, log_prior) = drawn_json (Holes.to_string grammar.library node) log_prior in
      Json.map drawn (Sampling.sample grammar request ~seed ~count ~max_depth)
  in
  `Assoc [ ("programs", `List programs) ]

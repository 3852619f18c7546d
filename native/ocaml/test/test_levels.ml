(* The search by cost levels against the windows, which lose nothing: whatever they find
   is found here at the same cost but for rounding, with uniform and with random weights. *)

open Lambda_machine

let limits = Evaluation.default_limits

let settings : Levels.settings =
  {
    most_nats = infinity;
    most_programs = max_int;
    seconds = infinity;
    limits;
    most_hits = 1;
    exhaustive = false;
    window = 1.5;
    goals = false;
    refine = 0;
  }

type machine = { library : Library.t; compiled : Compile.t; assembly : Assembly.t; completions : Completions.t }

let machine json =
  let library = Library_json.read json in
  Library.check ~evaluated:true library;
  let compiled = Compile.library library in
  let completions = Completions.create (Holes.create ~redundant:true (Grammar.of_library library)) in
  { library; compiled; assembly = Assembly.create library compiled; completions }

let solve ?(settings = settings) { compiled; assembly; completions; _ } request examples =
  Levels.run settings assembly compiled completions (Types.of_string request) examples

let program machine text = Evaluation.program_of_term machine.compiled (Terms.of_string text)

let output machine text inputs =
  match Evaluation.run_program limits (program machine text) inputs with Value value -> Some value | _ -> None

let text machine (hit : Levels.hit) = Holes.to_string machine.library hit.node

let fits machine (hit : Levels.hit) =
  List.for_all (fun ({ inputs; output = expected } : Levels.example) ->
      match output machine (text machine hit) inputs with Some value -> Values.equal value expected | None -> false)

(* {1 Random weights} *)

(* Uniform weights hide faults in the bounds of costs. *)
let random_library seed =
  let random = Random.State.make [| seed |] in
  let weight () = if seed = 0 then 0. else Random.State.float random 4. -. 3. in
  let production name =
    Libraries.production ~log_weight:(`Float (weight ())) name (Types.to_string (Option.get (Catalogue.find name)).ty)
  in
  let productions = List.map production Libraries.common in
  `Assoc [ ("productions", `List productions); ("log_variable", `Float (weight ())) ]

(* Weights by context, of which one in ten is of what never stands there. *)
let contextual_library seed =
  let random = Random.State.make [| seed |] in
  let weight () : Json.t = if Random.State.int random 10 = 0 then `Null else `Float (Random.State.float random 4. -. 3.) in
  let weights () : Json.t =
    `Assoc [ ("log_weights", `List (List.map (fun _ -> weight ()) Libraries.common)); ("log_variable", `Float (Random.State.float random 4. -. 3.)) ]
  in
  let of_production name =
    let arguments = Types.arguments_of (Option.get (Catalogue.find name)).ty in
    (name, `List (List.map (fun _ -> weights ()) arguments))
  in
  let by_parent = `Assoc (List.map of_production Libraries.common) in
  let contextual = `Assoc [ ("start", weights ()); ("variable", weights ()); ("productions", by_parent) ] in
  Libraries.json ~fields:[ ("contextual", contextual) ] (List.map Libraries.built_in Libraries.common)

let inputs =
  List.map
    (fun items -> [| Libraries.list_of_ints items |])
    [ [ 3; 1; 2 ]; [ 7 ]; [ 5; 5; 0; 9 ]; [ 2; 8; 4; 6; 1 ]; [ 0; 3 ]; [ 11; 4; 4; 7; 2; 9 ]; [ 1; 0; 1 ]; [ 6; 3; 12; 5 ] ]

(* The outputs of a program, if it never fails. *)
let examples machine text =
  let outputs = List.map (output machine text) inputs in
  if List.for_all Option.is_some outputs then
    Some (List.map2 (fun inputs output : Levels.example -> { inputs; output = Option.get output }) inputs outputs)
  else None

(* Nodes: what an application or a lambda is made of counts nothing. *)
let nodes text =
  let rec count : Terms.t -> int = function
    | Variable _ | Name _ -> 1
    | Lambda body | Inlined body -> count body
    | Application (f, arguments) -> List.fold_left (fun sum argument -> sum + count argument) (count f) arguments
  in
  count (Terms.of_string text)

(* Half a unit a node, and as much again for the choices that cost less than a unit. *)
let slack text = float_of_int (nodes text) /. float_of_int Ground.units_per_nat

let found_by_windows library request max_cost =
  let found, _, _, _ = Libraries.enumerate library request max_cost in
  List.map (fun (text, cost) -> (text, Cost.to_nats cost)) found

let every count list = List.filteri (fun i _ -> i mod count = 0) list

let nothing_is_lost ?(library = random_library) seed request max_cost () =
  let library = library seed in
  let machine = machine library in
  let found = found_by_windows library request max_cost in
  let solved = ref 0 in
  List.iter
    (fun (text, cost) ->
      match examples machine text with
      | None -> ()
      | Some examples -> begin
        let answer = solve ~settings:{ settings with most_nats = cost +. slack text } machine request examples in
        match answer.hits with
        | [ hit ] ->
          incr solved;
          Alcotest.(check bool) ("a right program for " ^ text) true (fits machine hit examples);
          Alcotest.(check bool) ("as probable as " ^ text) true (-.hit.log_prior <= cost +. (2. *. slack text))
        | _ -> Alcotest.failf "%s, at %.2f nats, is lost" text cost
      end)
    (every (max 1 (List.length found / 40)) found);
  Alcotest.(check bool) (Printf.sprintf "%d programs" !solved) true (!solved >= 10)

(* {1 Census} *)

let no_counts () = { Round.tried = 0; kept = 0; cut_by_steps = 0; cut_by_size = 0 }

let round ?(probes = 24) machine request examples =
  let request = Types.of_string request in
  let ground = Ground.create (Holes.grammar (Completions.graph machine.completions)) ~request Small in
  let signature = List.map (fun ({ inputs; output } : Levels.example) -> (inputs, output)) examples in
  Round.create ground machine.assembly machine.compiled machine.library ~request ~signature ~probes ~limits
    ~counts:(no_counts ()) ~tick:ignore

(* The behaviors of the windows' programs, and how many of them no kept term has. *)
let census probes =
  let library = random_library 0 and request = "list(int) -> list(int)" in
  let machine = machine library in
  let target = Option.get (examples machine "(lambda $0)") in
  let round = round ~probes machine request target in
  Round.fill round (Round.root round) (19 * Ground.units_per_nat);
  let store = Round.store round in
  let behaviors = Hashtbl.create 1024 in
  List.iter
    (fun (text, _) ->
      let outputs = List.map (output machine text) inputs in
      if List.for_all Option.is_some outputs then
        let numbers = List.map (fun output -> Store.number_of store (Option.get output)) outputs in
        if not (Hashtbl.mem behaviors numbers) then Hashtbl.add behaviors numbers text)
    (found_by_windows library request 18.);
  let missing numbers _ count = if Bank.find (Round.root round) (Array.of_list numbers) = None then count + 1 else count in
  (Hashtbl.length behaviors, Hashtbl.fold missing behaviors 0)

let census_is_complete () =
  let all, missing = census 24 in
  Alcotest.(check bool) (Printf.sprintf "%d of %d behaviors missing" missing all) true (all > 500 && missing * 500 <= all)

let few_probes_confuse () =
  let _, few = census 2 and _, many = census 24 in
  Alcotest.(check bool) (Printf.sprintf "%d missing with 2 probes, %d with 24" few many) true (few > many)

(* {1 Goals and counterexamples} *)

let list_example input output : Levels.example =
  { inputs = [| Libraries.list_of_ints input |]; output = Libraries.list_of_ints output }

let uniform = lazy (machine (random_library 0))

let goals_reach_further () =
  let machine = Lazy.force uniform and request = "list(int) -> list(int)" in
  let insert_fourth = function a :: b :: c :: rest -> a :: b :: c :: 1 :: rest | short -> short in
  let lists = [ [ 3; 1; 2 ]; [ 5; 5; 0; 9 ]; [ 2; 8; 4; 6; 1 ]; [ 0; 3; 7; 7 ] ] in
  let examples = List.map (fun list -> list_example list (insert_fourth list)) lists in
  let within goals = solve ~settings:{ settings with most_nats = 18.; goals } machine request examples in
  Alcotest.(check int) "without goals" 0 (List.length (within false).hits);
  match (within true).hits with
  | [ hit ] -> Alcotest.(check bool) "a program beyond the bound, right" true (hit.log_prior < -18. && fits machine hit examples)
  | hits -> Alcotest.failf "%d hits" (List.length hits)

(* Inverses run within limits of their own: the goals of many levels use up none. *)
let inverses_are_within_limits () =
  let machine = machine (Libraries.of_names [ "reverse"; "cons"; "++"; "cdr"; "0"; "1"; "+"; "negate"; "singleton" ]) in
  let lists = [ [ 3; 1; 2 ]; [ 5; 5; 0; 9 ]; [ 2; 8; 4; 6; 1 ]; [ 0; 3; 7; 7 ] ] in
  let examples = List.map (fun list -> list_example list (List.rev (1 :: 0 :: 1 :: List.tl list))) lists in
  let answer =
    solve ~settings:{ settings with most_nats = 14.; goals = true } machine "list(int) -> list(int)" examples
  in
  match answer.hits with
  | [ hit ] -> Alcotest.(check bool) "right" true (fits machine hit examples)
  | hits -> Alcotest.failf "%d hits" (List.length hits)

(* The target is larger than a store takes: it is never made, and nothing fails. *)
let targets_beyond_the_limits () =
  let machine = Lazy.force uniform in
  let examples = [ list_example [ 1 ] (List.init 5_000 Fun.id); list_example [ 2 ] [ 7 ] ] in
  let limits = { Evaluation.fuel = 1_000; size = 1_000 } in
  let answer =
    solve ~settings:{ settings with limits; most_nats = 10.; goals = true } machine "list(int) -> list(int)" examples
  in
  Alcotest.(check int) "no program" 0 (List.length answer.hits)

(* The first hundred examples agree with the identity; one late example does not. *)
let counterexamples_are_learned () =
  let machine = Lazy.force uniform and request = "list(int) -> list(int)" in
  let alike = List.init 100 (fun i -> list_example [ i; i + 1 ] [ i; i + 1 ]) in
  let examples = alike @ [ list_example [ 4; 7; 9; 2; 5 ] [ 4; 7 ] ] in
  let answer = solve ~settings:{ settings with most_nats = 24. } machine request examples in
  List.iter (fun hit -> Alcotest.(check bool) "right on all examples" true (fits machine hit examples)) answer.hits;
  let identity = solve machine request alike in
  Alcotest.(check (list string)) "without it" [ "(lambda $0)" ] (List.map (text machine) identity.hits)

let contradictions_are_found () =
  let pair = Levels.contradiction [ list_example [ 1 ] [ 2 ]; list_example [ 2 ] [ 2 ]; list_example [ 1 ] [ 3 ] ] in
  Alcotest.(check (option (pair int int))) "the pair" (Some (0, 2)) pair;
  let none = Levels.contradiction [ list_example [ 1 ] [ 2 ]; list_example [ 1 ] [ 2 ] ] in
  Alcotest.(check (option (pair int int))) "a repetition" None none

let large_outputs () =
  let machine = Lazy.force uniform in
  let example n : Levels.example =
    { inputs = [| Int n |]; output = Libraries.list_of_ints (List.init n Fun.id) }
  in
  let answer = solve ~settings:{ settings with most_nats = 6. } machine "int -> list(int)" [ example 100_000; example 3 ] in
  Alcotest.(check (list string)) "range" [ "(lambda (range $0))" ] (List.map (text machine) answer.hits)

(* {1 Other grammars} *)

let finite_languages_end () =
  let machine = machine (Libraries.of_names [ "0"; "1"; "not"; "true" ]) in
  let answer = solve machine "int" [ { inputs = [||]; output = Int 7 } ] in
  Alcotest.(check bool) "exhausted" true (answer.status = Exhausted);
  let none = solve machine "list(int)" [ { inputs = [||]; output = Nil } ] in
  Alcotest.(check (pair bool int)) "no program at all" (true, 0) (none.status = Exhausted, none.tried)

(* [fix1] binds a function, of which there are no probes: its body's terms are all kept. *)
let functions_in_scope () =
  let machine = machine (Libraries.of_names [ "fix1"; "if"; "empty?"; "+"; "cdr"; "1"; "0" ]) in
  let example items : Levels.example = { inputs = [| Libraries.list_of_ints items |]; output = Int (List.length items) } in
  let examples = List.map example [ []; [ 4 ]; [ 2; 2; 9 ]; [ 5; 1 ] ] in
  let answer = solve ~settings:{ settings with most_programs = 2_000_000 } machine "list(int) -> int" examples in
  match answer.hits with
  | [ hit ] -> Alcotest.(check bool) "right" true (fits machine hit examples)
  | _ -> Alcotest.failf "not found among %d" answer.tried

(* An abstraction evaluates an argument only where it needs it, on the probes as elsewhere. *)
let abstractions_are_lazy () =
  let json =
    Libraries.json
      [
        Libraries.production ~definition:"(lambda (lambda (if (empty? $1) 0 $0)))" "or-zero" "list(int) -> int -> int";
        Libraries.built_in "car";
      ]
  in
  let machine = machine json in
  let example items first : Levels.example = { inputs = [| Libraries.list_of_ints items |]; output = Int first } in
  let answer = solve ~settings:{ settings with most_nats = 12. } machine "list(int) -> int" [ example [] 0; example [ 4; 1 ] 4 ] in
  Alcotest.(check (list string)) "found" [ "(lambda (or-zero $0 (car $0)))" ] (List.map (text machine) answer.hits)

let tests =
  let lists = "list(int) -> list(int)" in
  [
    Alcotest.test_case "nothing that windows find is lost, uniform" `Quick (nothing_is_lost 0 lists 16.);
    Alcotest.test_case "nothing is lost, integers" `Quick (nothing_is_lost 0 "list(int) -> int" 14.);
  ]
  @ List.map
      (fun seed ->
        Alcotest.test_case (Printf.sprintf "nothing is lost, weights %d" seed) `Quick (nothing_is_lost seed lists 13.))
      [ 1; 2; 3; 4 ]
  @ List.map
      (fun seed ->
        Alcotest.test_case (Printf.sprintf "nothing is lost, weights by context %d" seed) `Quick
          (nothing_is_lost ~library:contextual_library seed lists 13.))
      [ 1; 2; 3; 4; 5; 6 ]
  @ [
      Alcotest.test_case "census" `Quick census_is_complete;
      Alcotest.test_case "few probes confuse terms" `Quick few_probes_confuse;
      Alcotest.test_case "goals reach beyond the bound" `Quick goals_reach_further;
      Alcotest.test_case "inverses run within limits" `Quick inverses_are_within_limits;
      Alcotest.test_case "targets beyond the limits" `Quick targets_beyond_the_limits;
      Alcotest.test_case "counterexamples are learned" `Quick counterexamples_are_learned;
      Alcotest.test_case "contradictions are found" `Quick contradictions_are_found;
      Alcotest.test_case "outputs of 100,000 elements" `Quick large_outputs;
      Alcotest.test_case "finite languages end" `Quick finite_languages_end;
      Alcotest.test_case "functions in scope" `Quick functions_in_scope;
      Alcotest.test_case "abstractions are lazy" `Quick abstractions_are_lazy;
    ]

(* Weights of one request against a library that has them itself. *)

open Lambda_machine

let abstractions =
  [ ("twice", "(t0 -> t0) -> t0 -> t0", "(lambda (lambda ($1 ($1 $0))))"); ("next", "int -> int", "(lambda (+ $0 1))") ]

let productions =
  List.map Libraries.built_in [ "map"; "cons"; "car"; "cdr"; "empty"; "+"; "0"; "1"; "if"; "gt?"; "fold" ]
  @ List.map (fun (name, ty, definition) -> Libraries.production ~definition name ty) abstractions

let library = Libraries.json productions
let name_of production = Json.required_text "name" production
let arity_of production = List.length (Types.arguments_of (Types.of_string (Json.required_text "type" production)))

let with_fields fields : Json.t -> Json.t = function
  | `Assoc known -> `Assoc (fields @ List.filter (fun (name, _) -> not (List.mem_assoc name fields)) known)
  | _ -> assert false

(* {1 Weights at random, and the library that has them} *)

let weight =
  QCheck2.Gen.(frequency [ (9, map (fun w -> `Float w) (float_range (-2.) 2.)); (1, return `Null) ])

let same : Json.t QCheck2.Gen.t =
  QCheck2.Gen.map2
    (fun listed variable -> `Assoc [ ("log_weights", `List listed); ("log_variable", variable) ])
    (QCheck2.Gen.list_repeat (List.length productions) weight)
    weight

let contextual : Json.t QCheck2.Gen.t =
  let open QCheck2.Gen in
  let of_production production = map (fun listed -> (name_of production, `List listed)) (list_repeat (arity_of production) same) in
  map3
    (fun start variable by_parent -> `Assoc [ ("start", start); ("variable", variable); ("productions", `Assoc by_parent) ])
    same same
    (flatten_l (List.map of_production productions))

let library_with (weights : Json.t) =
  match (Json.field "log_weights" weights, Json.field "start" weights) with
  | Some (`List listed), None ->
    let set production log_weight = with_fields [ ("log_weight", log_weight) ] production in
    let variable = match weights with `Assoc fields -> List.assoc "log_variable" fields | _ -> assert false in
    with_fields
      [ ("productions", `List (List.map2 set productions listed)); ("log_variable", variable) ]
      library
  | None, Some _ -> with_fields [ ("contextual", weights) ] library
  | _ -> assert false

(* {1 Every operation that takes weights} *)

let request = ("request", `String "list(int) -> list(int)")
let program = `String "(lambda (cons 1 (map (lambda (+ $0 1)) $0)))"
let mates = `List [ program; `String "(lambda (cdr (twice cdr $0)))" ]
let example input output : Json.t = `Assoc [ ("inputs", `List [ input ]); ("output", output) ]
let ints items : Json.t = `List (List.map (fun n -> `Int n) items)
let examples = `List [ example (ints [ 1; 2 ]) (ints [ 2; 3 ]); example (ints []) (ints []) ]

let proposed json =
  let batches = ref [] in
  let exchange batch window_end =
    batches := `List [ batch; window_end ] :: !batches;
    true
  in
  let ended = Search_requests.propose json ~exchange in
  `List (ended :: !batches)

let operations =
  [
    ( "enumerate",
      Search_requests.enumerate,
      [
        ("tasks", `List [ `Assoc [ ("id", `Int 1); ("examples", examples) ] ]); ("max_programs", `Int 300);
        ("max_frontier", `Int 3); ("max_cost", `Int 12);
      ] );
    ("propose", proposed, [ ("max_programs", `Int 100); ("batch", `Int 40); ("max_cost", `Int 12) ]);
    ("sample", Variation_requests.sample, [ ("count", `Int 5); ("max_depth", `Int 4) ]);
    ("sample within", Variation_requests.sample, [ ("count", `Int 5); ("max_size", `Int 12) ]);
    ("mutate", Variation_requests.mutate, [ ("programs", mates); ("count", `Int 4) ]);
    ("crossover", Variation_requests.crossover, [ ("programs", mates); ("count", `Int 2) ]);
    ( "improve",
      Variation_requests.improve,
      [ ("program", program); ("examples", examples); ("right", `Int 0); ("count", `Int 20); ("drift", `Bool true) ] );
  ]

let rec untimed : Json.t -> Json.t = function
  | `Assoc fields -> `Assoc (List.map (fun (name, json) -> (name, untimed json)) (List.remove_assoc "cpu_seconds" fields))
  | `List items -> `List (List.map untimed items)
  | json -> json

let answer perform fields =
  match perform (`Assoc (request :: fields)) with
  | json -> Ok (untimed json)
  | exception Failure.Error (kind, message) -> Error (kind, message)

let answered = ref 0
let rounds = 4

(* More weights than are kept, each asked for twice, and the library without any among them. *)
let as_its_own =
  QCheck2.Test.make ~count:rounds ~name:"weights of a request are as the library's own"
    QCheck2.Gen.(list_repeat 10 (oneof [ same; contextual ]))
    (fun listed ->
      let listed = None :: List.map Option.some listed in
      let ask (_, perform, fields) weights =
        let weights = match weights with None -> [] | Some weights -> [ ("weights", weights) ] in
        answer perform ((("library", library) :: weights) @ fields)
      in
      let expect (_, perform, fields) weights =
        answer perform (("library", Option.fold ~none:library ~some:library_with weights) :: fields)
      in
      List.for_all
        (fun operation ->
          let first = List.map (ask operation) listed in
          (* Backwards, so that the last ones are still kept. *)
          let again = List.rev_map (ask operation) (List.rev listed) in
          answered := !answered + List.length (List.filter Result.is_ok first);
          first = again && first = List.map (expect operation) listed)
        operations)

let most_were_answered () =
  let asked = rounds * 11 * List.length operations in
  Alcotest.(check bool) (Printf.sprintf "%d of %d" !answered asked) true (2 * !answered > asked)

(* {1 What is kept} *)

let uniform variable : Json.t =
  `Assoc [ ("log_weights", `List (List.map (fun _ -> `Float 0.) productions)); ("log_variable", `Float variable) ]

let kept () =
  let grammar variable = Prepared.grammar (Prepared.of_json library) ~weights:(Some (uniform variable)) in
  let compiled () = Prepared.compiled (Prepared.of_json library) in
  let first = grammar 1. and code = compiled () in
  Alcotest.(check bool) "the grammar of the same weights" true (grammar 1. == first);
  Alcotest.(check bool) "no other weights' grammar" false (grammar 2. == first);
  Alcotest.(check bool) "the abstractions' code" true (compiled () == code);
  for i = 3 to 40 do ignore (grammar (float_of_int i)) done;
  Alcotest.(check bool) "not for ever" false (grammar 1. == first)

(* {1 Weights that do not fit} *)

let refused () =
  let short : Json.t = `Assoc [ ("log_weights", `List [ `Float 0. ]); ("log_variable", `Float 0.) ] in
  let full = uniform 0. in
  let by_parent parents : Json.t = `Assoc [ ("start", full); ("variable", full); ("productions", `Assoc parents) ] in
  let of_other name : Json.t = `List (List.init (arity_of (Libraries.built_in name)) (fun _ -> full)) in
  let check weights expected =
    match answer Variation_requests.sample [ ("library", library); ("weights", weights) ] with
    | Ok _ -> Alcotest.failf "accepted: %s" expected
    | Error (kind, message) ->
      Alcotest.(check string) "kind" "bad_request" (Failure.name kind);
      Alcotest.(check string) "message" expected message
  in
  let either = "weights have either log_weights, or start, variable and productions" in
  check short "weights.log_weights: 1 weights for 13 productions";
  check (`Assoc [ ("start", short) ]) "weights.start.log_weights: 1 weights for 13 productions";
  check (by_parent []) "weights.productions of map are missing";
  check (by_parent [ ("map", of_other "car") ]) "weights.productions of map: 1 weights for 2 arguments";
  check (`Assoc []) either;
  check (with_fields [ ("start", full) ] full) either;
  check (`Float 1.) "an object with the field log_weights was expected"

let tests =
  [
    Libraries.property as_its_own;
    Alcotest.test_case "most requests were answered" `Quick most_were_answered;
    Alcotest.test_case "what is kept for the next request" `Quick kept;
    Alcotest.test_case "weights that do not fit" `Quick refused;
  ]

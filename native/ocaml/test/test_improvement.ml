(* A step of local search against its definition: every mutant made, and run on every example. *)

open Lambda_machine

let request = Types.of_string "list(int) -> list(int)"
let library = Library_json.read (Libraries.of_names Libraries.common)
let compiled = Compile.library library
let assembly = Assembly.create library compiled
let mutation = Mutation.create (Grammar.of_library library)
let limits = Evaluation.default_limits
let run text inputs = Evaluation.run_program limits (Evaluation.program_of_term compiled (Terms.of_string text)) inputs

let examples_of target : Improvement.example array =
  let example items : Improvement.example =
    let inputs = [| Libraries.list_of_ints items |] in
    let output = match run target inputs with Value value -> Some value | Error _ | Fuel | Memory _ -> None in
    { inputs = Some inputs; output }
  in
  Array.map example [| []; [ 1 ]; [ 3; 0 ]; [ 2; 2; 7 ]; [ 1; 0; 5; 4 ] |]

let count_right (settings : Improvement.settings) text =
  let is_right ({ inputs; output } : Improvement.example) =
    match (run text (Option.get inputs), output) with
    | Value value, Some output -> Values.equal value output
    | _ -> false
  in
  List.length (List.filter is_right (Array.to_list settings.examples))

let by_definition (settings : Improvement.settings) ~seed text ~right : Improvement.t =
  let rec go parent index seen =
    let ended found : Improvement.t = { found; examined = index; run = List.length seen - 1 } in
    let mutate () = Mutation.mutate mutation settings.mutation parent ~seed ~index in
    match if index = settings.most then None else mutate () with
    | None -> ended None
    | Some mutant ->
      let right' = count_right settings mutant.text in
      let seen = if List.mem mutant.text seen then seen else mutant.text :: seen in
      if right' > right then
        { found = Some { text = mutant.text; right = right' }; examined = index + 1; run = List.length seen - 1 }
      else begin
        let goes_on = settings.drift && right' = right in
        go (if goes_on then Mutation.parent mutation settings.mutation mutant.text else parent) (index + 1) seen
      end
  in
  go (Mutation.parent mutation settings.mutation text) 0 [ text ]

let targets =
  [ "(lambda (cons 1 $0))"; "(lambda (map (lambda (+ $0 1)) $0))"; "(lambda (cdr $0))"; "(lambda empty)" ]

let found = ref 0
let equals_met = ref 0
let cases = 120

let steps_are_as_defined =
  let case = QCheck2.Gen.(triple (oneofl targets) (int_bound 1_000_000) bool) in
  let print (target, seed, drift) = Printf.sprintf "%s, seed %d, drift %b" target seed drift in
  QCheck2.Test.make ~count:cases ~name:"a step is what its definition says" ~print case (fun (target, seed, drift) ->
      let settings : Improvement.settings =
        { mutation = { request; max_size = 20; max_depth = 3 }; limits; examples = examples_of target; most = 25; drift }
      in
      let drawn = Sampling.sample mutation.grammar request ~seed ~count:1 ~max_depth:3 in
      let text = Holes.to_string library (fst (List.hd drawn)) in
      let right = count_right settings text in
      let step = Improvement.step mutation assembly settings ~seed text ~right in
      if step.found <> None then incr found;
      if step.found = None && right > 0 then incr equals_met;
      step = by_definition settings ~seed text ~right)

let both_happened () =
  Alcotest.(check bool) (Printf.sprintf "%d of %d were improved" !found cases) true (!found > 10);
  Alcotest.(check bool) (Printf.sprintf "%d of %d were not" !equals_met cases) true (!equals_met > 10)

(* Where all programs are as good, none is better: each of the few mutants is examined, and none found. *)
let equals_are_not_better () =
  let library = Library_json.read (Libraries.of_names [ "0"; "1"; "2" ]) in
  let mutation = Mutation.create (Grammar.of_library library) in
  let assembly = Assembly.create library (Compile.library library) in
  let example output : Improvement.example = { inputs = Some [||]; output = Some (Values.Int output) } in
  let step drift =
    let settings : Improvement.settings =
      {
        mutation = { request = Types.int; max_size = 1; max_depth = 1 };
        limits;
        examples = Array.map example [| 0; 1; 2 |];
        most = 40;
        drift;
      }
    in
    Improvement.step mutation assembly settings ~seed:3 "0" ~right:1
  in
  List.iter
    (fun drift ->
      let { Improvement.found; examined; run } = step drift in
      Alcotest.(check bool) "none is better" true (found = None);
      Alcotest.(check (pair int int)) "all were examined, and the two others run" (40, 2) (examined, run))
    [ false; true ]

let tests =
  [
    Libraries.property steps_are_as_defined;
    Alcotest.test_case "steps that improve and steps that do not" `Quick both_happened;
    Alcotest.test_case "an equal mutant is not a better one" `Quick equals_are_not_better;
  ]

(* Programs as lines: reading and writing change nothing, and mutants have the type of their parents. *)

open Lambda_machine

let library = Library_json.read (Libraries.of_names Libraries.common)
let type_of_name = Library.type_of_name library
let heads = Compile.library library
let grammar = Grammar.of_library library
let mutation = Line_mutation.create library
let chances = { Line_mutation.argument = 0.5; head = 0.25; line = 0.25; new_line = 0.5 }

let requests = List.map Types.of_string [ "list(int) -> list(int)"; "list(int) -> int"; "list(list(int)) -> int -> bool" ]

let input_of (ty : Types.t) seed =
  let ints count = Libraries.list_of_ints (List.init count (fun i -> (seed * (i + 3)) mod 7)) in
  match Types.to_string ty with
  | "int" -> Values.Int (seed mod 5)
  | "list(int)" -> ints (seed mod 6)
  | _ -> Values.rev_append (List.init (seed mod 4) (fun i -> ints (i + 1))) Nil

let inputs request = Array.init 4 (fun seed -> Array.of_list (List.map (fun ty -> input_of ty (seed + 1)) (Types.arguments_of request)))

let cases =
  QCheck2.Gen.(map (fun (request, seed) -> (request, seed)) (pair (oneofl requests) (int_bound 1_000_000)))

let shown (request, seed) = Printf.sprintf "%s, seed %d" (Types.to_string request) seed

let parents (request, seed) =
  Sampling.sample grammar request ~seed ~count:8 ~max_depth:4
  |> List.map (fun (node, _) -> Terms.of_string (Holes.to_string library node))

let outputs request term =
  let program = Evaluation.program_of_term heads term in
  let output inputs =
    match Evaluation.run_program Evaluation.default_limits program inputs with
    | Value value -> Yojson.Safe.to_string (Codec.write value)
    | Error _ | Fuel | Memory _ -> "none"
  in
  Array.map output (inputs request)

let has_type request term =
  match Inference.check ~type_of_name term request with () -> true | exception Failure.Error _ -> false

let written_as_read =
  QCheck2.Test.make ~count:200 ~name:"a program read as lines is the same program" ~print:shown cases (fun ((request, _) as case) ->
      List.for_all
        (fun term ->
          let again = Lines.to_term (Lines.of_term term) in
          has_type request again && outputs request again = outputs request term
          && Lines.to_term (Lines.of_term again) = again)
        (parents case))

(* Mutants of mutants, so that lines are shared and stand under lambdas. *)
let mutants_are_typed =
  QCheck2.Test.make ~count:200 ~name:"mutants of lines have the type of their parents" ~print:shown cases (fun ((request, seed) as case) ->
      let random = Splitmix.create seed in
      let rec are_typed generations term =
        has_type request term
        && (generations = 0
           ||
           match Line_mutation.mutant mutation chances random (Line_mutation.parent mutation ~request term) with
           | None -> are_typed (generations - 1) term
           | Some mutant -> are_typed (generations - 1) mutant)
      in
      List.for_all (are_typed 6) (parents case))

let written text = Terms.to_string (Lines.to_term (Lines.of_term (Terms.of_string text)))

let sharing () =
  let check what given wanted = Alcotest.(check string) what wanted (written given) in
  let shared = "(lambda ((lambda (cons (length $0) (cons (car $0) $1))) (cdr $0)))" in
  check "a line of several uses is evaluated once" shared shared;
  check "a line of one use is written there" "(lambda ((lambda (cons 1 $0)) (cdr $0)))" "(lambda (cons 1 (cdr $0)))";
  check "a line of no use is left out" "(lambda ((lambda $1) (cdr $0)))" "(lambda $0)";
  let outside = "(lambda ((lambda (map (lambda (+ $0 $1)) $1)) (length $0)))" in
  check "a line stays outside of a lambda that it is not under" outside outside

(* The chances of 1 and 0 say which part of a line becomes another. *)
let kinds () =
  let request = Types.of_string "list(int) -> list(int)" in
  let parent = Line_mutation.parent mutation ~request (Terms.of_string "(lambda (cons 1 $0))") in
  let mutants chances =
    List.sort_uniq compare
      (List.filter_map
         (fun seed -> Option.map Terms.to_string (Line_mutation.mutant mutation chances (Splitmix.create seed) parent))
         (List.init 200 Fun.id))
  in
  let nothing = { Line_mutation.argument = 0.; head = 0.; line = 0.; new_line = 0. } in
  Alcotest.(check (list string)) "arguments" [ "(lambda (cons 0 $0))"; "(lambda (cons 1 empty))" ]
    (mutants { nothing with argument = 1. });
  Alcotest.(check (list string)) "nothing else makes a list of an int and a list" [] (mutants { nothing with head = 1. });
  let lines = mutants { nothing with line = 1. } in
  Alcotest.(check bool) "a line is any call" true (List.mem "(lambda (cdr $0))" lines && List.mem "(lambda (cons 0 $0))" lines);
  let nested = mutants { nothing with argument = 1.; new_line = 1. } in
  Alcotest.(check bool) "a new line" true (List.mem "(lambda (cons 1 (cdr $0)))" nested && List.mem "(lambda (cons (length $0) $0))" nested)

let tests =
  [
    Libraries.property written_as_read;
    Libraries.property mutants_are_typed;
    Alcotest.test_case "lines are shared as the program shares them" `Quick sharing;
    Alcotest.test_case "each kind of mutation changes its part of a line" `Quick kinds;
  ]

(* Mutants and crosses against what types, sizes and the grammar's odds say of them. *)

open Lambda_machine

let polymorphic =
  [
    ("apply", "(t0 -> t1) -> t0 -> t1", "(lambda (lambda ($1 $0)))");
    ("konst", "t0 -> t1 -> t0", "(lambda (lambda $1))");
    ("twice", "(t0 -> t0) -> t0 -> t0", "(lambda (lambda ($1 ($1 $0))))");
  ]

let library =
  let base = List.map Libraries.built_in Libraries.common in
  Library_json.read
    (Libraries.json (base @ List.map (fun (name, ty, definition) -> Libraries.production ~definition name ty) polymorphic))

let requests = List.map Types.of_string [ "list(int) -> list(int)"; "list(t0) -> int -> t0"; "int -> bool"; "(int -> t0) -> list(t0)" ]

type case = { request : Types.t; seed : int; max_size : int; max_depth : int }

let cases =
  let open QCheck2.Gen in
  map
    (fun (request, seed, max_size, max_depth) -> { request; seed; max_size; max_depth })
    (quad (oneofl requests) (int_bound 1_000_000) (1 -- 25) (1 -- 6))

let shown { request; seed; max_size; max_depth } =
  Printf.sprintf "%s, seed %d, size %d, depth %d" (Types.to_string request) seed max_size max_depth

let mutation = Mutation.create (Grammar.of_library library)
let settings { request; max_size; max_depth; _ } = { Mutation.request; max_size; max_depth }

let parents ({ request; seed; _ } as case) =
  Sampling.sample mutation.grammar request ~seed ~count:5 ~max_depth:3
  |> List.map (fun (node, log_prior) -> (Mutation.parent mutation (settings case) (Holes.to_string library node), log_prior))

let size text = (Derivation.of_term mutation.grammar (Types.Variable 0) (Terms.of_string text)).root.size

let has_type request text =
  match Inference.check ~type_of_name:(Library.type_of_name library) (Terms.of_string text) request with
  | () -> true
  | exception Failure.Error _ ->
    (* The grammar may decide variables of the request, as a search does. *)
    let typing = Types.new_context 0 in
    let type_of_name = Library.type_of_name library in
    let inferred = Types.instantiate typing (Inference.infer ~type_of_name (Terms.of_string text)) in
    Types.unifies typing inferred (Types.instantiate typing request)

(* The prior by a graph of its own, and as the term is written: so it is η-long too. *)
let prior request text =
  let fresh = Mutation.create (Grammar.of_library library) in
  let root = Holes.root (Completions.graph fresh.completions) request in
  let program = Derivation.of_term fresh.grammar request (Terms.of_string text) in
  if Derivation.to_string library program.root <> text then nan
  else Derivation.log_prior fresh.completions root program.root

let is_sound case (parent : Mutation.parent) (mutant : Mutation.mutant) =
  let expected = prior case.request mutant.text in
  has_type case.request mutant.text
  && size mutant.text <= case.max_size
  && mutant.text <> parent.text
  && Float.abs (mutant.log_prior -. expected) < 1e-9

let mutants_are_sound =
  QCheck2.Test.make ~count:150 ~name:"mutants have the type, keep the size and differ" ~print:shown cases (fun case ->
      List.for_all
        (fun (parent, _) ->
          List.for_all
            (fun index ->
              match Mutation.mutate mutation (settings case) parent ~seed:case.seed ~index with
              | Some mutant -> is_sound case parent mutant
              | None -> case.max_size < 4)
            [ 0; 1; 2; 3 ])
        (parents case))

let crosses_are_sound =
  QCheck2.Test.make ~count:150 ~name:"crosses have the type, keep the size and differ" ~print:shown cases (fun case ->
      let parents = List.map fst (parents case) in
      let mate number (parent : Mutation.parent) = { Mutation.number; of_program = parent.program; written = parent.text } in
      let pool = Mutation.pool (Array.of_list (List.mapi mate parents)) in
      List.for_all
        (fun parent ->
          match Mutation.cross mutation (settings case) parent pool ~seed:case.seed ~index:0 with
          | Some mutant -> is_sound case parent mutant && mutant.mate <> None
          | None -> true)
        parents)

let draws_keep_their_size =
  QCheck2.Test.make ~count:200 ~name:"draws fit, with the prior of their derivation" ~print:shown cases (fun case ->
      let root = Holes.root (Completions.graph mutation.completions) case.request in
      let random = Splitmix.create case.seed in
      let drawing = { Drawing.completions = mutation.completions; random; max_depth = case.max_depth } in
      match Drawing.draw drawing root.hole ~room:case.max_size with
      | node, log_prior, nodes, _ ->
        let text = Holes.to_string library { node with lambdas = root.lambdas } in
        nodes <= case.max_size && nodes = size text && Float.abs (log_prior -. prior case.request text) < 1e-9
      | exception Drawing.Nothing_fits -> case.max_size < 4)

let priors_agree =
  QCheck2.Test.make ~count:50 ~name:"a derivation has the prior that a draw says" ~print:shown cases (fun case ->
      List.for_all
        (fun ((parent : Mutation.parent), log_prior) ->
          Derivation.log_prior mutation.completions parent.root parent.program.root = log_prior)
        (parents case))

(* {1 Odds} *)

let small =
  Libraries.(
    json
      [
        production "x" "a"; production ~log_weight:(`Float (log 3.)) "y" "a"; production "z" "a";
        production ~log_weight:(`Float (log 2.)) "f" "a -> a";
      ])

let mutants_of ?(max_size = 3) ?(max_depth = 9) text count =
  let library = Library_json.read small in
  let mutation = Mutation.create (Grammar.of_library library) in
  let settings = { Mutation.request = Types.of_string "a"; max_size; max_depth } in
  let parent = Mutation.parent mutation settings text in
  List.init count (fun index -> (Option.get (Mutation.mutate mutation settings parent ~seed:5 ~index)).text)

let check_share mutants text expected =
  let count = List.length mutants in
  let found = List.length (List.filter (( = ) text) mutants) in
  let share = float_of_int found /. float_of_int count in
  let error = 4. *. sqrt (expected *. (1. -. expected) /. float_of_int count) in
  Alcotest.(check bool) (Printf.sprintf "%s: %.3f, expected %.3f" text share expected) true (Float.abs (share -. expected) < error)

(* At most one node: x, y, z as 1 : 3 : 1, without the parent. At most two: f is followed by x, y, z only. *)
let odds () =
  let of_one = mutants_of ~max_size:1 "x" 4000 in
  check_share of_one "y" 0.75;
  check_share of_one "z" 0.25;
  let of_two = mutants_of ~max_size:2 "x" 4000 in
  check_share of_two "y" (3. /. 6.);
  check_share of_two "(f y)" (2. /. 6. *. 0.6);
  (* Of (f x) each of the two nodes is replaced half the time. *)
  let below = mutants_of ~max_size:2 "(f x)" 4000 in
  check_share below "(f y)" ((0.5 *. 0.75) +. (0.5 *. (2. /. 7. *. 0.6) /. (1. -. (2. /. 7. *. 0.2))));
  check_share below "x" (0.5 *. (1. /. 7.) /. (1. -. (2. /. 7. *. 0.2)))

let alone () =
  let mutation = Mutation.create (Grammar.of_library (Library_json.read Libraries.(json [ production "x" "a" ]))) in
  let settings = { Mutation.request = Types.of_string "a"; max_size = 9; max_depth = 9 } in
  let parent = Mutation.parent mutation settings "x" in
  Alcotest.(check bool) "no mutant" true (Mutation.mutate mutation settings parent ~seed:0 ~index:0 = None)

(* A choice that needs what nothing makes is not drawn, nor does the search for it take long. *)
let hopeless () =
  let json =
    Libraries.(
      json
        [
          production "0" "int"; production "+" "int -> int -> int"; production "no" "bool"; production "of" "foo -> int";
          production "bind" "(int -> foo) -> foo"; production "bind2" "(bool -> foo) -> foo";
          production "if" "bool -> t0 -> t0 -> t0";
        ])
  in
  let library = Library_json.read json in
  let mutation = Mutation.create (Grammar.of_library library) in
  let settings = { Mutation.request = Types.of_string "int"; max_size = 60; max_depth = 5 } in
  let parent = Mutation.parent mutation settings "(+ 0 0)" in
  let mutants = List.init 200 (fun index -> (Option.get (Mutation.mutate mutation settings parent ~seed:1 ~index)).text) in
  let has_foo text = List.exists (fun word -> word = "of" || word = "(of") (String.split_on_char ' ' text) in
  Alcotest.(check bool) "no foo" false (List.exists has_foo mutants)

(* {1 Programs that the grammar does not make} *)

let readings =
  [
    ("(lambda (map (+ 1) $0))", "(lambda (map (lambda (+ 1 $0)) $0))");
    ("(fold)", "(lambda (lambda (lambda (fold $2 $1 (lambda (lambda ($2 $1 $0)))))))");
    ("(lambda (map #(lambda (+ $0 7)) $0))", "(lambda (map (lambda (#(lambda (+ $0 7)) $0)) $0))");
    ("(konst (lambda (+ $0 -5)) 1)", "(lambda (konst (lambda (+ $0 -5)) 1 $0))");
    ("(lambda (konst 1 (lambda $0)))", "(lambda (konst 1 (lambda $0)))");
  ]

let reads_what_is_not_long () =
  List.iter
    (fun (text, expected) ->
      let ty = Inference.infer ~type_of_name:(Library.type_of_name library) (Terms.of_string text) in
      let settings = { Mutation.request = ty; max_size = 30; max_depth = 4 } in
      let parent = Mutation.parent mutation settings text in
      Alcotest.(check string) text expected parent.text;
      for index = 0 to 30 do
        let mutant = Option.get (Mutation.mutate mutation settings parent ~seed:1 ~index) in
        Alcotest.(check bool) mutant.text true (has_type ty mutant.text)
      done)
    readings

let refused () =
  let kind text =
    match Mutation.parent mutation { request = List.hd requests; max_size = 9; max_depth = 9 } text with
    | _ -> "read"
    | exception Failure.Error (kind, _) -> Failure.name kind
  in
  List.iter
    (fun (text, expected) -> Alcotest.(check string) text expected (kind text))
    [
      ("(lambda", "parse"); ("(lambda (cons $1 $0))", "type"); ("(lambda (foo $0))", "unknown_primitive");
      ("(lambda ((lambda $0) $0))", "type"); ("(lambda (+ 1 1))", "type"); ("(lambda (cons 99999999999999999999 $0))", "type");
      ("(lambda (map $0 $0))", "type"); ("(lambda (lambda $0))", "type");
    ]

(* Hundreds of polymorphic productions: the holes that a draw looks at must not be all that there could be. *)
let draws_stay_small () =
  let names = List.map (fun (primitive : Primitive.t) -> primitive.name) Primitives_arc.table in
  let library = Library_json.read (Libraries.of_names (List.filter (( <> ) "cast") names)) in
  let mutation = Mutation.create (Grammar.of_library library) in
  let root = Holes.root (Completions.graph mutation.completions) (Types.of_string "tgrid -> tgrid") in
  let drawing = { Drawing.completions = mutation.completions; random = Splitmix.create 0; max_depth = 5 } in
  for _ = 1 to 10 do
    let _, _, size, _ = Drawing.draw drawing root.hole ~room:12 in
    Alcotest.(check bool) "the draw keeps its size" true (size <= 12)
  done;
  Alcotest.(check bool) "few holes" true (Mutation.holes mutation < 150_000)

let tests =
  [
    Libraries.property mutants_are_sound;
    Libraries.property crosses_are_sound;
    Libraries.property draws_keep_their_size;
    Libraries.property priors_agree;
    Alcotest.test_case "mutants have the grammar's odds" `Quick odds;
    Alcotest.test_case "types that nothing has" `Quick hopeless;
    Alcotest.test_case "draws from hundreds of productions" `Quick draws_stay_small;
    Alcotest.test_case "a program alone of its type" `Quick alone;
    Alcotest.test_case "what is not η-long is expanded" `Quick reads_what_is_not_long;
    Alcotest.test_case "what cannot be read" `Quick refused;
  ]

(* Programs solved in parts: whatever is reported is right on the examples, and parts that
   have a solution of the form sought are found. *)

open Lambda_machine

let limits = Test_levels.limits
let machine = Test_levels.machine
let output = Test_levels.output

let texts constants =
  let own = List.map (fun (primitive : Primitive.t) -> primitive.name) Primitives_text.table in
  let name text = Printf.sprintf {|"%s"|} (String.concat {|\u0020|} (String.split_on_char ' ' text)) in
  let literals = List.map (fun text -> Libraries.production (name text) "string") constants in
  let integers = List.map Libraries.built_in [ "0"; "1"; "2"; "+"; "-" ] in
  machine (Libraries.json (literals @ integers @ List.map Libraries.built_in own))

(* {1 Sequences} *)

let stands_naively part whole position =
  position + Array.length part <= Array.length whole && Array.sub whole position (Array.length part) = part

let sequences_agree =
  let elements = QCheck2.Gen.(array_size (0 -- 8) (0 -- 2)) in
  QCheck2.Test.make ~count:2_000 ~name:"occurrences and common elements" QCheck2.Gen.(pair elements elements) (fun (a, b) ->
      let positions = List.init (Array.length b + 1) Fun.id in
      let width = Array.length b + 1 in
      let common = Sequences.common a b in
      let is_common i j length =
        i + length <= Array.length a && j + length <= Array.length b && Array.sub a i length = Array.sub b j length
      in
      let agrees i j =
        let length = Char.code (Bytes.get common ((i * width) + j)) in
        is_common i j length && not (is_common i j (length + 1))
      in
      let occurrences = List.filter (stands_naively a b) positions in
      Sequences.occurrences a b = occurrences
      && Sequences.first a b = List.nth_opt occurrences 0
      && List.for_all (fun i -> List.for_all (agrees i) positions) (List.init (Array.length a + 1) Fun.id))

let text_of characters = Values.Text (String.concat "" characters)

let texts_are_sequences =
  let character = QCheck2.Gen.oneofl [ "a"; "b"; " "; "é"; "漢"; "😀" ] in
  QCheck2.Test.make ~count:500 ~name:"a text is its characters" QCheck2.Gen.(list_size (0 -- 9) character) (fun characters ->
      let store = Store.create () in
      let sequences = Sequences.create store Primitives_text.characters in
      let number = Store.number_of store (text_of characters) in
      let elements = Sequences.of_number sequences number in
      let single i character = Sequences.of_number sequences (Store.number_of store (text_of [ character ])) = [| elements.(i) |] in
      Array.length elements = List.length characters
      && Sequences.number_of sequences elements = number
      && List.for_all Fun.id (List.mapi single characters))

(* {1 Rounds} *)

type example = Values.t array * Values.t

(* What deduction reports after terms of so many nats, with everything in the signature. *)
let reported (machine : Test_levels.machine) ~request ~nats (examples : example list) =
  let request = Types.of_string request in
  let ground = Ground.create (Holes.grammar (Completions.graph machine.completions)) ~request Small in
  let counts = { Round.tried = 0; kept = 0; cut_by_steps = 0; cut_by_size = 0 } in
  let round =
    Round.create ground machine.assembly machine.compiled machine.library ~request ~signature:examples ~probes:24 ~limits
      ~counts ~tick:ignore
  in
  let found = ref [] in
  let lambdas = List.length (Types.arguments_of request) in
  let keep (node : Holes.node) = found := Holes.to_string machine.library { node with lambdas; code = None } :: !found in
  Option.iter
    (fun deduction ->
      for level = 1 to nats * Ground.units_per_nat do
        Round.test round level ~found:ignore;
        Deduction.run deduction ~level ~found:keep
      done)
    (Deduction.create round ~examples:(List.length examples));
  List.rev !found

let is_right machine examples program =
  List.for_all
    (fun (inputs, expected) ->
      match output machine program inputs with Some value -> Values.equal value expected | None -> false)
    examples

(* Terms of every kind that goals put together, deeper than those of the banks. *)
let program =
  let open QCheck2.Gen in
  let constant = oneofl [ {|"\u0020"|}; {|"."|}; {|"ab"|} ] in
  let leaf = oneof [ return "$0"; constant ] in
  let position = oneofl [ "0"; "1"; "2"; {|(str.indexof $0 "." 0)|}; "(- (str.len $0) 1)" ] in
  let test = oneofl [ {|(str.contains $0 ".")|}; {|(str.prefixof "a" $0)|}; {|(str.suffixof "b" $0)|} ] in
  let call name arguments = "(" ^ String.concat " " (name :: arguments) ^ ")" in
  let rec text depth =
    if depth = 0 then leaf
    else
      let inner = text (depth - 1) in
      oneof
        [
          leaf;
          map2 (fun a b -> call "str.++" [ a; b ]) inner inner;
          map2 (fun start count -> call "str.substr" [ "$0"; start; count ]) position position;
          map (fun at -> call "str.at" [ "$0"; at ]) position;
          map3 (fun whole part by -> call "str.replace" [ whole; part; by ]) inner constant leaf;
          map3 (fun test a b -> call "ite" [ test; a; b ]) test inner inner;
        ]
  in
  map (fun body -> "(lambda " ^ body ^ ")") (text 4)

let inputs = List.map (fun text -> [| Values.Text text |]) [ "ab.ba"; "b a.b"; "abab"; "a"; ".b b."; "bb aa b"; ""; "é.ab" ]

let what_is_reported_is_right =
  let machine = lazy (texts [ " "; "."; "ab"; "" ]) in
  let count = ref 0 in
  let test =
    QCheck2.Test.make ~count:60 ~name:"what is reported is right" ~print:Fun.id program (fun program ->
        let machine = Lazy.force machine in
        let with_output inputs = Option.map (fun value -> (inputs, value)) (output machine program inputs) in
        let examples = List.filter_map with_output inputs in
        let found = reported machine ~request:"string -> string" ~nats:12 examples in
        count := !count + List.length found;
        List.for_all (is_right machine examples) found)
  in
  let enough () = Alcotest.(check bool) (Printf.sprintf "%d programs" !count) true (!count >= 30) in
  [ Libraries.property test; Alcotest.test_case "and that is much" `Quick enough ]

(* {1 Each kind of part} *)

let finds name constants program given () =
  let machine = texts constants in
  let example text =
    let inputs = [| Values.Text text |] in
    (inputs, Option.get (output machine program inputs))
  in
  let examples = List.map example given in
  match reported machine ~request:"string -> string" ~nats:16 examples with
  | [] -> Alcotest.failf "%s: nothing" name
  | found -> Alcotest.(check bool) name true (List.for_all (is_right machine examples) found)

let names = [ "Ada Lovelace"; "Alan Turing"; "Kurt Gödel"; "Grace Hopper"; "Edsger Dijkstra" ]
let places = [ "Ithaca, NY"; "Ann Arbor, MI, USA"; "Paris, TX, USA"; "Hershey, PA"; "Camden, ME, USA"; "Rome, NY" ]

let kinds =
  let case (name, constants, program, given) = Alcotest.test_case name `Quick (finds name constants program given) in
  List.map case
    [
      ("paths", [ " "; ","; "." ], {|(lambda (str.++ "," (str.++ $0 (str.++ "." (str.++ $0 (str.++ "," $0))))))|}, names);
      ( "cuts",
        [ " "; "." ],
        {|(lambda (str.++ (str.substr $0 (+ 1 (str.indexof $0 "\u0020" 0)) (str.len $0)) (str.++ "\u0020" (str.++ (str.at $0 0) "."))))|},
        names );
      ( "lengths from ends",
        [ " "; "." ],
        {|(lambda (str.substr $0 2 (- (str.indexof $0 "\u0020" 0) 2)))|},
        [ "abcd ef"; "hijkl mn"; "xyz o"; "rst  u"; "abcdefg h" ] );
      ( "replacements",
        [ " "; "-"; "+" ],
        {|(lambda (str.replace $0 (str.++ "\u0020" "-") (str.++ "+" (str.++ "-" (str.++ "+" (str.++ "\u0020" "+"))))))|},
        [ "ab -c"; "d -"; " -efgh"; "ij -k l -m" ] );
      ( "replacements undone",
        [ " "; "-"; "." ],
        {|(lambda (str.replace (str.replace (str.replace $0 "-" ".") "-" ".") "\u0020" "."))|},
        [ "1-2-3 4-5"; "66-7-8 9-0"; "0-11 2-3-4" ] );
      ( "conditions",
        [ ","; " "; "USA" ],
        {|(lambda (ite (str.suffixof "USA" $0) $0 (str.++ $0 (str.++ "," (str.++ "\u0020" "USA")))))|},
        places );
    ]

(* The second dash cannot have been replaced before the first. *)
let only_the_first_is_replaced () =
  let machine = texts [ "-"; "." ] in
  let example (input, wanted) = ([| Values.Text input |], Values.Text wanted) in
  let examples = List.map example [ ("1-2-3", "1-2.3"); ("4-55-6", "4-55.6"); ("77-8-9", "77-8.9") ] in
  let found = reported machine ~request:"string -> string" ~nats:13 examples in
  Alcotest.(check (list string)) "none that is wrong" [] (List.filter (fun text -> not (is_right machine examples text)) found)

(* {1 Functions of elements} *)

let lists = Test_levels.inputs
let list_machine = lazy (machine (Libraries.of_names ("filter" :: Libraries.common)))

let reported_on_lists ~nats program =
  let machine = Lazy.force list_machine in
  let examples = List.filter_map (fun inputs -> Option.map (fun value -> (inputs, value)) (output machine program inputs)) lists in
  (machine, examples, reported machine ~request:"list(int) -> list(int)" ~nats examples)

let finds_functions program () =
  let machine, examples, found = reported_on_lists ~nats:20 program in
  if found = [] then Alcotest.failf "%s: nothing" program;
  Alcotest.(check (list string)) "all are right" [] (List.filter (fun text -> not (is_right machine examples text)) found)

let functions =
  List.map
    (fun program -> Alcotest.test_case program `Quick (finds_functions program))
    [
      "(lambda (map (lambda (+ (* $0 $0) (+ 1 (+ 1 1)))) $0))";
      "(lambda (map (lambda (if (gt? $0 1) (- $0 1) (+ $0 (+ 1 1)))) (cdr $0)))";
      "(lambda (map (lambda (+ $0 (index $0 $1))) (range (length $0))))";
      "(lambda (filter (lambda (gt? $0 (+ 1 (length $1)))) $0))";
    ]

let function_program =
  let open QCheck2.Gen in
  let leaf = oneofl [ "$0"; "1"; "0"; "(length $1)"; "(car $1)" ] in
  let rec number depth =
    if depth = 0 then leaf
    else
      let inner = number (depth - 1) in
      oneof
        [
          leaf;
          map3 (fun f a b -> Printf.sprintf "(%s %s %s)" f a b) (oneofl [ "+"; "-"; "*" ]) inner inner;
          map3 (fun test a b -> Printf.sprintf "(if (%s $0) %s %s)" test a b) (oneofl [ "is-prime"; "is-square" ]) inner inner;
        ]
  in
  let list = oneofl [ "$0"; "(cdr $0)"; "(range (length $0))" ] in
  oneof
    [
      map2 (Printf.sprintf "(lambda (map (lambda %s) %s))") (number 3) list;
      map3 (Printf.sprintf "(lambda (filter (lambda (gt? %s %s)) %s))") (number 1) (number 1) list;
    ]

let functions_are_right =
  QCheck2.Test.make ~count:25 ~name:"what is reported of lists is right" ~print:Fun.id function_program (fun program ->
      let machine, examples, found = reported_on_lists ~nats:18 program in
      examples = [] || List.for_all (is_right machine examples) found)

(* {1 Trees} *)

(* Truth values that depend on nothing: trees fit them, but are longer than the values themselves. *)
let noise_is_not_believed () =
  let machine = machine (Libraries.of_names Libraries.common) in
  let random = Random.State.make [| 4 |] in
  let example i =
    let items = List.init (1 + (i mod 5)) (fun _ -> Random.State.int random 9) in
    ([| Libraries.list_of_ints (i :: items) |], Values.Bool (Random.State.bool random))
  in
  let found = reported machine ~request:"list(int) -> bool" ~nats:15 (List.init 12 example) in
  Alcotest.(check (list string)) "nothing" [] found

(* Nor is a function of elements that fits noise. *)
let noise_in_elements_is_not_believed () =
  let machine = Lazy.force list_machine in
  let random = Random.State.make [| 5 |] in
  let example i =
    let items = List.init (1 + (i mod 4)) (fun j -> (7 * i) + j) in
    let outputs = List.map (fun _ -> Values.Bool (Random.State.bool random)) items in
    ([| Libraries.list_of_ints items |], Values.rev_append (List.rev outputs) Nil)
  in
  let found = reported machine ~request:"list(int) -> list(bool)" ~nats:18 (List.init 12 example) in
  Alcotest.(check (list string)) "nothing" [] found

let covers_are_cheapest =
  let mask = QCheck2.Gen.int_range 1 31 in
  let entries = QCheck2.Gen.(list_size (0 -- 20) (pair mask (1 -- 50))) in
  let environment : Bank.environment =
    { types = []; depth = 0; probes = lazy (Probes.of_inputs (Store.create ()) []); banks = []; inner = [] }
  in
  QCheck2.Test.make ~count:1_000 ~name:"the cheapest cover of a set" QCheck2.Gen.(pair mask entries) (fun (set, entries) ->
      let covers = Covers.create (Bank.create (Types.of_string "int") environment ~least:1) [||] in
      let node : Holes.node = { lambdas = 0; head = Local 0; reversed_arguments = []; code = None } in
      List.iter (fun (mask, cost) -> Covers.add covers mask { Part.cost; node }) entries;
      let fit = List.filter (fun (mask, _) -> mask land set = set) entries in
      let cheapest = List.fold_left (fun least (_, cost) -> min least cost) max_int fit in
      match Covers.cheapest covers set with Some { cost; _ } -> cost = cheapest | None -> fit = [])

let tests =
  [ Libraries.property sequences_agree; Libraries.property texts_are_sequences; Libraries.property covers_are_cheapest ]
  @ what_is_reported_is_right @ kinds @ functions @ [ Libraries.property functions_are_right ]
  @ [
      Alcotest.test_case "only the first is replaced" `Quick only_the_first_is_replaced;
      Alcotest.test_case "noise is not believed" `Quick noise_is_not_believed;
      Alcotest.test_case "nor is noise in elements" `Quick noise_in_elements_is_not_believed;
    ]

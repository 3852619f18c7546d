(* Sketches: what is found for texts that are known in part is what every literal and every decision would give; the terms of a
   stratum do what their fingerprints say; and tasks whose texts, conditions and patterns follow from the examples are solved. *)

open Lambda_machine

(* {1 Texts that are known in part} *)

type part = Letter of char | Unknown | Choice of { key : string; yes : part list; no : part list }

let rec symbolic parts = String.concat "" (List.map symbolic_part parts)

and symbolic_part = function
  | Letter letter -> String.make 1 letter
  | Unknown -> Symbolic.unknown
  | Choice { key; yes; no } -> begin
    match Symbolic.either (Text key) (Text (symbolic yes)) (Text (symbolic no)) with Text text -> text | _ -> assert false
  end

let rec known ~literal ~decide parts = String.concat "" (List.map (known_part ~literal ~decide) parts)

and known_part ~literal ~decide = function
  | Letter letter -> String.make 1 letter
  | Unknown -> literal
  | Choice { key; yes; no } -> known ~literal ~decide (if decide key then yes else no)

let parts_gen =
  let open QCheck2.Gen in
  let letter = map (fun c -> Letter c) (oneofl [ 'a'; 'b' ]) in
  let simple = list_size (0 -- 2) (frequency [ (3, letter); (1, pure Unknown) ]) in
  let choice = map3 (fun key yes no -> Choice { key; yes; no }) (oneofl [ "k"; "l" ]) simple simple in
  list_size (0 -- 4) (frequency [ (4, letter); (2, pure Unknown); (2, choice) ])

let longest = 2
let words = [ ""; "a"; "b"; "aa"; "ab"; "ba"; "bb" ]
let decisions = [ (false, false); (false, true); (true, false); (true, true) ]

(* Every way to make all texts the wanted ones. *)
let by_trying examples =
  let gives literal (k, l) (parts, wanted) = String.equal wanted (known ~literal ~decide:(fun key -> if key = "k" then k else l) parts) in
  List.exists (fun literal -> List.exists (fun decision -> List.for_all (gives literal decision) examples) decisions) words

let bindings_are_those_by_trying =
  let wanted = QCheck2.Gen.(string_size ~gen:(oneofl [ 'a'; 'b' ]) (0 -- 4)) in
  QCheck2.Test.make ~count:3_000 ~name:"bound texts" QCheck2.Gen.(list_size (1 -- 2) (pair parts_gen wanted)) (fun examples ->
      Symbolic.reset ();
      let texts = List.map (fun (parts, wanted) -> (symbolic parts, wanted)) examples in
      let is_right ({ literal; decisions } : Symbolic.binding) =
        let decide key = Option.value ~default:false (List.assoc_opt key decisions) in
        let gives (parts, wanted) = String.equal wanted (known ~literal:(Option.value ~default:"" literal) ~decide parts) in
        List.for_all gives examples
      in
      let reported = ref [] in
      let accept binding =
        reported := binding :: !reported;
        true
      in
      let is_bound = Symbolic.bind ~fuel:1_000_000 ~longest texts ~accept in
      Bool.equal is_bound (by_trying examples) && List.for_all is_right !reported)

(* Whatever the unknown parts are, a text that can be the wanted one begins and ends as it does. *)
let ends_are_necessary =
  QCheck2.Test.make ~count:5_000 ~name:"beginnings and ends" QCheck2.Gen.(pair parts_gen (oneofl words)) (fun (parts, literal) ->
      Symbolic.reset ();
      let text = symbolic parts in
      let may_be decision =
        let whole = known ~literal ~decide:(fun _ -> decision) parts in
        Symbolic.begins text whole && Symbolic.ends text whole
      in
      may_be true && may_be false)

(* {1 Patterns} *)

let machine = lazy (Test_levels.machine (Libraries.of_names Libraries.regex))

let ranked texts =
  let { Test_levels.library; assembly; _ } = Lazy.force machine in
  Ranked.create library assembly (Regex_patterns.stratum.members texts) ~tick:ignore

let parts_of text =
  let length = String.length text in
  List.concat (List.init length (fun i -> List.init (length - i) (fun j -> String.sub text i (j + 1))))

let texts_gen =
  QCheck2.Gen.(list_size (1 -- 3) (string_size ~gen:(oneofl [ 'a'; 'b'; 'c'; 'e' ]) (1 -- 6)))

let accepts ranked rank =
  match Ranked.value ranked rank with
  | Text pattern ->
    let regex = Regex.of_string pattern in
    fun text ->
      Budget.refill ~fuel:max_int ~size:max_int;
      Regex.matches_whole regex text
  | _ -> fun _ -> false

let fingerprints_match =
  QCheck2.Test.make ~count:10 ~name:"patterns accept what their fingerprints say" texts_gen (fun texts ->
      let ranked = ranked texts in
      let count = if Ranked.reach ranked 200 then 200 else Ranked.count ranked in
      let parts = List.sort_uniq compare (List.concat_map parts_of texts) in
      let agrees rank =
        let accepts = accepts ranked rank in
        List.for_all (fun part -> Ranked.accepts ranked rank part = Some (accepts part)) parts
      in
      List.for_all agrees (List.init count Fun.id))

(* Two of them never do the same to all parts of the texts. *)
let patterns_differ () =
  let texts = [ "abca"; "eab" ] in
  let ranked = ranked texts in
  Alcotest.(check bool) "many" true (Ranked.reach ranked 300);
  let parts = List.concat_map parts_of texts in
  let rows = List.init 300 (fun rank -> List.map (accepts ranked rank) parts) in
  Alcotest.(check int) "distinct" 300 (List.length (List.sort_uniq compare rows))

let pattern_of_negated_letters () =
  let ranked = ranked [ "banane" ] in
  ignore (Ranked.reach ranked 2_000);
  match Ranked.first_accepting ranked ~from:0 [ ("b", true); ("n", true); ("a", false); ("e", false) ] with
  | None -> Alcotest.fail "no pattern of the consonants"
  | Some rank ->
    let { Test_levels.library; _ } = Lazy.force machine in
    let text = Holes.to_string library (Ranked.node ranked rank) in
    Alcotest.(check bool) text true (accepts ranked rank "b" && accepts ranked rank "n" && not (accepts ranked rank "e"))

(* {1 Tasks} *)

let example (input, output) : Levels.example = { inputs = [| Text input |]; output = Text output }
let settings most_programs goals = { Test_levels.settings with goals; most_programs }
let request = "tfullstr -> tfullstr"

(* Solved by terms made of sketches, and by no other search with as many terms. *)
let solves name ?(terms = 600_000) pairs () =
  let machine = Lazy.force machine in
  let examples = List.map example pairs in
  let with_sketches = Test_levels.solve ~settings:(settings terms true) machine request examples in
  let without = Test_levels.solve ~settings:(settings terms false) machine request examples in
  Alcotest.(check int) (name ^ ", tried") 0 (List.length without.hits);
  match with_sketches.hits with
  | [] -> Alcotest.failf "%s: nothing in %d terms" name with_sketches.tried
  | hit :: _ -> Alcotest.(check bool) (Test_levels.text machine hit) true (Test_levels.fits machine hit examples)

let tasks =
  [
    ("a literal and a condition at the root", [ ("cats", "catzq"); ("bus", "buzq"); ("dog", "dog"); ("tin", "tin"); ("maps", "mapzq") ]);
    ("a condition within a function", [ ("combating", "combating"); ("nerd", "nerki"); ("sickles", "sickles"); ("added", "akikieki") ]);
    ("a pattern of two places", [ ("tacos", "toxos"); ("icy", "iox"); ("dog", "dog"); ("brick", "briox"); ("tin", "tin") ]);
  ]

let no_letters_no_literals () =
  let names = List.filter (fun name -> name <> "_z") Libraries.regex in
  let machine = Test_levels.machine (Libraries.of_names names) in
  let examples = List.map example [ ("a", "az"); ("bc", "bcz") ] in
  let answer = Test_levels.solve ~settings:(settings 50_000 true) machine request examples in
  Alcotest.(check int) "a text that the library cannot write" 0 (List.length answer.hits)

let tests =
  [
    Libraries.property bindings_are_those_by_trying; Libraries.property ends_are_necessary; Libraries.property fingerprints_match;
    Alcotest.test_case "patterns differ" `Quick patterns_differ;
    Alcotest.test_case "sets of letters" `Quick pattern_of_negated_letters;
    Alcotest.test_case "texts that cannot be written" `Quick no_letters_no_literals;
  ]
  @ List.map (fun (name, pairs) -> Alcotest.test_case name `Quick (solves name pairs)) tasks

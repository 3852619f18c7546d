(* The published counts of programs, exactly; and windows that partition them. *)

open Lambda_machine
open Libraries

let counts name library request expected =
  List.map
    (fun (max_cost, count) ->
      Alcotest.test_case (Printf.sprintf "%s below %g nats" name max_cost) `Quick (fun () ->
          Alcotest.(check int) "programs" count (Libraries.count library request max_cost)))
    expected

let published =
  counts "list" (of_names common) "list(int) -> list(int)"
    [ (12., 250); (15., 1872); (16.5, 3121); (18., 15877); (21., 125660) ]
  @ counts "regex" (of_names regex) "tfullstr -> tfullstr" [ (15., 3781); (16.5, 16885) ]
  @ counts "logo" logo "turtle -> turtle" [ (15., 11430) ]

let sorted ?step library request max_cost =
  let found, _, _, _ = enumerate ?step library request max_cost in
  List.sort compare found

let distinct programs = List.length (List.sort_uniq compare (List.map fst programs)) = List.length programs

(* For any step the windows hold the same programs at the same costs, each once. *)
let windows_partition =
  let library = of_names common and request = "list(int) -> int" in
  let reference = lazy (sorted ~step:1000. library request 13.5) in
  QCheck2.Test.make ~count:30 ~name:"windows of any step hold each program once"
    QCheck2.Gen.(float_range 0.05 4.)
    (fun step ->
      let programs = sorted ~step library request 13.5 in
      programs = Lazy.force reference && distinct programs)

let steps_agree () =
  let library = of_names common and request = "list(int) -> list(int)" in
  let whole = sorted ~step:100. library request 16.5 in
  List.iter
    (fun step -> Alcotest.(check bool) "the same programs" true (sorted ~step library request 16.5 = whole))
    [ 0.7; 1.5; 3.1 ];
  Alcotest.(check bool) "no program twice" true (distinct whole)

let few_expansions () =
  let found, _, _, expansions = enumerate ~step:100. (of_names common) "list(int) -> list(int)" 21. in
  let a_program = float_of_int expansions /. float_of_int (List.length found) in
  Alcotest.(check bool) (Printf.sprintf "%.2f expansions a program" a_program) true (a_program < 2.)

(* [g] needs a [b], of which there is none; it keeps its share of the probability. *)
let unfinishable () =
  let library = json [ production "f" "a -> a"; production "g" "b -> a"; production "c" "a" ] in
  let found, _, _, _ = enumerate library "a" 5. in
  Alcotest.(check (list string)) "programs" [ "c"; "(f c)"; "(f (f c))"; "(f (f (f c)))" ]
    (List.map fst found)

let finite_grammars_end () =
  let library = json [ production "f" "b -> a"; production "x" "b"; production "y" "b" ] in
  let found, ended, _, _ = enumerate library "a" 1000. in
  Alcotest.(check int) "programs" 2 (List.length found);
  Alcotest.(check bool) "exhausted" true (ended = Enumeration.Exhausted);
  let none, ended, _, _ = enumerate (json [ production "f" "a -> a" ]) "a" 1000. in
  Alcotest.(check int) "no program" 0 (List.length none);
  Alcotest.(check bool) "exhausted" true (ended = Enumeration.Exhausted)

let tests =
  published
  @ [
      Alcotest.test_case "windows of 0.7, 1.5 and 3.1 nats" `Quick steps_agree;
      Alcotest.test_case "hardly more than one expansion a program" `Quick few_expansions;
      Alcotest.test_case "choices that cannot finish" `Quick unfinishable;
      Alcotest.test_case "finite grammars" `Quick finite_grammars_end;
      property windows_partition;
    ]

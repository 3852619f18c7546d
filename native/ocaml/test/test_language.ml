(* Types and terms: their text, unification, inference, and nothing that breaks the readers. *)

open Lambda_machine

let check_type text expected =
  Alcotest.(check string) text expected (Types.to_string (Types.of_string text))

let types_text () =
  check_type "int" "int";
  check_type "list(t7)->(t3 -> t7) -> t3" "list(t0) -> (t1 -> t0) -> t1";
  check_type "(((int)))" "int";
  check_type "pair( int,list( bool ) )" "pair(int, list(bool))";
  check_type "(a -> b) -> a -> b" "(a -> b) -> a -> b";
  check_type "t99999999999999999999" "t0"

let rejects read texts =
  List.iter
    (fun text ->
      match read text with
      | () -> Alcotest.failf "accepted %S" text
      | exception (Types.Syntax_error _ | Terms.Syntax_error _) -> ())
    texts

let bad_types () =
  let deep = String.concat "" (List.init 5000 (fun _ -> "list(")) in
  rejects (fun text -> ignore (Types.of_string text)) [ ""; "->"; "int ->"; "list("; "list()"; "a b"; ")"; "a,b"; deep ]

let terms_text () =
  List.iter
    (fun (text, expected) -> Alcotest.(check string) text expected (Terms.to_string (Terms.of_string text)))
    [
      ("(lam $0)", "(lambda $0)");
      ("((f a) b)", "(f a b)");
      (" ( f\n(g $12) ) ", "(f (g $12))");
      ("#(lambda (f $0))", "#(lambda (f $0))");
      ("(#(lambda $0) x)", "(#(lambda $0) x)");
      ("(gt? é ->)", "(gt? é ->)");
    ]

let bad_terms () =
  let deep = String.make 20_000 '(' in
  rejects
    (fun text -> ignore (Terms.of_string text))
    [ ""; "()"; "(lambda)"; "(lambda a b)"; "a b"; "(a"; "a)"; "#"; "(f #)"; deep; "$99999999999999999999999" ]

let readers_survive =
  let text = QCheck2.Gen.(string_size ~gen:(oneofl [ '('; ')'; ' '; '$'; '0'; '#'; 'a'; '-'; '>'; ','; 't'; 'l' ]) (0 -- 40)) in
  QCheck2.Test.make ~count:5000 ~name:"readers accept or say what is wrong, and print what they read" text (fun text ->
      (match Terms.of_string text with
      | term -> Terms.of_string (Terms.to_string term) = term
      | exception Terms.Syntax_error _ -> true)
      &&
      match Types.of_string text with
      | ty -> Types.to_string (Types.of_string (Types.to_string ty)) = Types.to_string ty
      | exception Types.Syntax_error _ -> true)

let type_of_name name = Option.map (fun (p : Primitive.t) -> Types.canonical p.ty) (Catalogue.find name)

let infers text expected =
  Alcotest.(check string) text expected (Types.to_string (Inference.infer ~type_of_name (Terms.of_string text)))

let inference () =
  infers "(lambda $0)" "t0 -> t0";
  infers "(lambda (map (lambda (+ $0 1)) $0))" "list(int) -> list(int)";
  infers "map" "(t0 -> t1) -> list(t0) -> list(t1)";
  infers "(map car)" "list(list(t0)) -> list(t0)";
  infers "(lambda (lambda ($1 ($1 $0))))" "(t0 -> t0) -> t0 -> t0";
  infers "(#(lambda (lambda (cons $1 $0))) 5)" "list(int) -> list(int)";
  infers "(lambda (fix1 $0 (lambda (lambda (if (empty? $0) 0 (+ 1 ($1 (cdr $0))))))))" "list(t0) -> int"

let ill_typed () =
  List.iter
    (fun text ->
      match Inference.infer ~type_of_name (Terms.of_string text) with
      | ty -> Alcotest.failf "%s has type %s" text (Types.to_string ty)
      | exception Failure.Error ((Type | Unknown_primitive), _) -> ())
    [ "(lambda ($0 $0))"; "(+ 1 empty)"; "(car 1)"; "$0"; "(lambda $1)"; "#(lambda $1)"; "nobody"; "(0 1)";
      "99999999999999999999" ]

(* Each lambda doubles the type: 2^60 nodes must end in an error, not in waiting. *)
let huge_types () =
  let twice = Types.of_string "t0 -> pair(t0, t0)" in
  let type_of_name name = if name = "twice" then Some twice else None in
  let rec nested n = if n = 0 then "$0" else "(twice " ^ nested (n - 1) ^ ")" in
  match Inference.infer ~type_of_name (Terms.of_string ("(lambda " ^ nested 60 ^ ")")) with
  | _ -> Alcotest.fail "a type of 2^60 nodes"
  | exception Failure.Error (Type, _) -> ()

let tests =
  let case name f = Alcotest.test_case name `Quick f in
  [
    case "types are read and printed" types_text;
    case "what is no type" bad_types;
    case "terms are read and printed" terms_text;
    case "what is no term" bad_terms;
    case "principal types" inference;
    case "terms without a type" ill_typed;
    case "types of exponential size" huge_types;
    Libraries.property readers_survive;
  ]

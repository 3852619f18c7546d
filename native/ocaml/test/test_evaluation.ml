(* What programs evaluate to: each primitive, its misuse, laziness and limits. *)

open Lambda_machine

let everything = Library_json.read (Libraries.of_names (List.map (fun (p : Primitive.t) -> p.name) Catalogue.table))
let heads = Compile.library everything

let outcome ?(limits = Evaluation.default_limits) ?(heads = heads) text inputs =
  let inputs = Array.of_list (List.map (fun input -> Codec.read (Variable 0) (Yojson.Safe.from_string input)) inputs) in
  match Evaluation.run_program limits (Evaluation.program_of_term heads (Terms.of_string text)) inputs with
  | Value value -> begin
    match Codec.write value with
    | json -> Yojson.Safe.to_string json
    | exception Values.Failed message -> "error: " ^ message
  end
  | Error message -> "error: " ^ message
  | Fuel -> "fuel"
  | Memory _ -> "memory"

let evaluates (text, inputs, expected) =
  Alcotest.(check string) (text ^ " " ^ String.concat " " inputs) expected (outcome text inputs)

let lists () =
  List.iter evaluates
    [
      ("(lambda (map (lambda (+ $0 1)) $0))", [ "[1,2]" ], "[2,3]");
      ("(lambda (unfold $0 (lambda (eq? $0 0)) (lambda (* $0 $0)) (lambda (- $0 1))))", [ "3" ], "[9,4,1]");
      ("(lambda (length (unfold $0 (lambda (eq? $0 0)) (lambda $0) (lambda (- $0 1)))))", [ "50" ], "50");
      ("(lambda (unfold $0 (lambda (eq? $0 0)) (lambda $0) (lambda (- $0 1))))", [ "51" ],
       "error: unfold takes more than 50 steps");
      ("(lambda (range $0))", [ "3" ], "[0,1,2]");
      ("(lambda (range $0))", [ "-3" ], "[]");
      ("(lambda (index $0 (range 3)))", [ "2" ], "2");
      ("(lambda (index $0 (range 3)))", [ "3" ], "error: index out of range");
      ("(lambda (index $0 (range 3)))", [ "-1" ], "error: index out of range");
      ("(lambda (fold $0 empty (lambda (lambda (cons $1 (cons $1 $0))))))", [ "[1,2]" ], "[1,1,2,2]");
      ("(lambda (fold $0 0 (lambda (lambda (- $1 $0)))))", [ "[10,3,2]" ], "9");
      ("(lambda (reduce (lambda (lambda (- $1 $0))) 0 $0))", [ "[10,3,2]" ], "-15");
      ("(lambda (reducei (lambda (lambda (lambda (+ (* $2 $0) $1)))) 0 $0))", [ "[10,3,2]" ], "7");
      ("(lambda (mapi (lambda (lambda (- $0 $1))) $0))", [ "[5,5,5]" ], "[5,4,3]");
      ("(lambda (mapi + $0))", [ "[5,5,5]" ], "[5,6,7]");
      ("(lambda (length $0))", [ "[[],[1]]" ], "2");
      ("(lambda (car $0))", [ "[]" ], "error: car of the empty list");
      ("(lambda (cdr $0))", [ "[]" ], "error: cdr of the empty list");
      ("(lambda (empty? (cdr $0)))", [ "[1]" ], "true");
      ("(lambda (filter (lambda (gt? $0 2)) $0))", [ "[1,3,2,4]" ], "[3,4]");
      ("(lambda (any is-prime $0))", [ "[4,6,7]" ], "true");
      ("(lambda (all is-prime $0))", [ "[2,3,9]" ], "false");
      ("(lambda (map is-prime $0))", [ "[-3,0,1,2,25,97,221]" ], "[false,false,false,true,false,true,false]");
      ("(lambda (map is-square $0))", [ "[-1,0,1,2,99980001,99980002]" ], "[false,true,true,false,true,false]");
      ("(lambda (reverse $0))", [ "[1,2,3]" ], "[3,2,1]");
      ("(lambda (sort $0))", [ "[3,-1,2,3]" ], "[-1,2,3,3]");
      ("(lambda (sum $0))", [ "[3,-1,2]" ], "4");
      ("(lambda (slice 1 3 $0))", [ "[1,2,3,4]" ], "[2,3]");
      ("(lambda (slice (negate 5) 99 $0))", [ "[1,2]" ], "[1,2]");
      ("(lambda (slice 3 1 $0))", [ "[1,2,3,4]" ], "[]");
      ("(lambda (++ $0 (singleton 9)))", [ "[1]" ], "[1,9]");
      ("(if (and true (not (or false false))) 1 0)", [], "1");
      ("(lambda (fix1 $0 (lambda (lambda (if (empty? $0) 0 (+ (car $0) ($1 (cdr $0))))))))", [ "[4,5]" ], "9");
      ("(lambda (fix1 $0 (lambda (lambda ($1 $0)))))", [ "0" ], "error: fix1 unfolds more than 50 times");
    ]

let integers () =
  List.iter evaluates
    [
      ("(lambda (lambda (mod $1 $0)))", [ "-7"; "3" ], "2");
      ("(lambda (lambda (mod $1 $0)))", [ "7"; "-3" ], "-2");
      ("(lambda (lambda (mod $1 $0)))", [ "7"; "0" ], "error: mod by zero");
      ("(lambda (+ $0 1))", [ "4611686018427387903" ], "error: an integer beyond 63 bits");
      ("(lambda (- $0 1))", [ "-4611686018427387904" ], "error: an integer beyond 63 bits");
      ("(lambda (negate $0))", [ "-4611686018427387904" ], "error: an integer beyond 63 bits");
      ("(lambda (* $0 $0))", [ "-4611686018427387904" ], "error: an integer beyond 63 bits");
      ("(lambda (* $0 $0))", [ "2147483647" ], "4611686014132420609");
      ("(lambda (sum $0))", [ "[4611686018427387903,1]" ], "error: an integer beyond 63 bits");
      ("(+ 41 -1)", [], "40");
    ]

(* Against exact arithmetic on halves: no sum, difference or product wraps. *)
let no_overflow =
  let corner = QCheck2.Gen.(oneof [ int; oneofl [ min_int; max_int; 0; 1; -1; 1 lsl 30; 1 lsl 31; -(1 lsl 31) ] ]) in
  let exact name a b =
    let in_range x = x >= -0x1p62 && x < 0x1p62 in
    let a' = float_of_int a and b' = float_of_int b in
    let approximate = match name with "+" -> a' +. b' | "-" -> a' -. b' | _ -> a' *. b' in
    let wrapped = match name with "+" -> a + b | "-" -> a - b | _ -> a * b in
    if Float.abs (Float.abs approximate -. 0x1p62) < 0x1p12 then None
    else if in_range approximate then Some (string_of_int wrapped)
    else Some "error: an integer beyond 63 bits"
  in
  QCheck2.Test.make ~count:20_000 ~name:"integers never wrap"
    QCheck2.Gen.(triple (oneofl [ "+"; "-"; "*" ]) corner corner)
    (fun (name, a, b) ->
      let text = Printf.sprintf "(lambda (lambda (%s $1 $0)))" name in
      match exact name a b with
      | None -> true
      | Some expected -> outcome text [ string_of_int a; string_of_int b ] = expected)

let strings () =
  List.iter evaluates
    [
      ("(lambda (_rsplit _a $0))", [ {|"banana"|} ], {|["b","a","n","a","n","a"]|});
      ("(lambda (_rsplit _rdot $0))", [ {|"aé☃"|} ], {|["a","é","☃"]|});
      ("(lambda (_rsplit _rempty $0))", [ {|"ab"|} ], {|["a","b"]|});
      ("(lambda (_rsplit _x $0))", [ {|""|} ], "[]");
      ("(lambda (_rsplit (_rnot (_ror _a _b)) $0))", [ {|"abcab(x|dé"|} ], {|["ab","c","ab(","x","|","d","é"]|});
      ("(lambda (_rsplit (_rconcat _a _rdot) $0))", [ {|"xaab"|} ], {|["x","aa","b"]|});
      ("(lambda (_rsplit (_ror _a (_rconcat _a _b)) $0))", [ {|"xab"|} ], {|["x","a","b"]|});
      ("(lambda (_rsplit (_ror (_rconcat _a _b) _a) $0))", [ {|"xab"|} ], {|["x","ab"]|});
      ("(lambda (_rsplit (_ror _a _rempty) $0))", [ {|"xay"|} ], {|["x","a","y"]|});
      ("(lambda (_rsplit (_rnot _rempty) $0))", [ {|"x"|} ], "error: not a pattern: a class is not closed");
      ("(lambda (_rmatch (_ror _a (_rconcat _a _b)) $0))", [ {|"ab"|} ], "true");
      ("(lambda (_rmatch _a $0))", [ {|"ab"|} ], "false");
      ("(lambda (_rmatch _rempty $0))", [ {|""|} ], "true");
      ("(lambda (_rflatten (map (lambda (_rconcat $0 _z)) (_rsplit _rdot $0))))", [ {|"ab"|} ], {|"azbz"|});
      ("(lambda (_rtail (_rsplit _rdot $0)))", [ {|"ab"|} ], {|"b"|});
      ("(lambda (_rtail (_rsplit _rdot $0)))", [ {|""|} ], "error: _rtail of the empty list");
      ("(lambda (_rappend _z (_rrevcdr (_rsplit _rdot $0))))", [ {|"abc"|} ], {|["a","b","z"]|});
      ("(lambda (_rsplit _rvowel $0))", [ {|"hello"|} ], {|["h","e","ll","o"]|});
      ("(lambda (map (lambda (_rmatch _rconsonant $0)) (_rsplit _rdot $0)))", [ {|"hi"|} ], "[true,false]");
      ("(lambda (_rsplit $0 (_rflatten (cons _a (cons _b empty)))))", [ {|"a|b+?"|} ], {|["a","b"]|});
      ("(lambda (_rmatch $0 (_rconcat _a _a)))", [ {|"a*"|} ], "true");
      ("(lambda (_rmatch $0 _a))", [ {|"*"|} ], "error: not a pattern: nothing to repeat");
      ("(lambda (_rmatch $0 _a))", [ {|"(a"|} ], "error: not a pattern: a group is not closed");
      ("(lambda (_rmatch $0 _a))", [ {|"(((a*)*)*)*b"|} ], "false");
    ]

(* Splitting loses nothing, and pieces are never empty. *)
let split_joins =
  let pattern = QCheck2.Gen.(string_size ~gen:(oneofl [ 'a'; 'b'; '.'; '('; ')'; '|'; '['; ']'; '^'; '*'; '?' ]) (1 -- 8)) in
  let text = QCheck2.Gen.(string_size ~gen:(oneofl [ 'a'; 'b'; '('; '^' ]) (0 -- 12)) in
  QCheck2.Test.make ~count:20_000 ~name:"splitting keeps every character" QCheck2.Gen.(pair pattern text)
    (fun (pattern, text) ->
      Budget.refill ~fuel:1_000_000 ~size:1_000_000;
      match Regex.of_string pattern with
      | exception Regex.Invalid _ -> true
      | regex ->
        let pieces = List.rev (Regex.split_reversed regex text) in
        String.concat "" pieces = text && not (List.mem "" pieces))

let laziness () =
  List.iter evaluates
    [
      ("(if (eq? 0 0) 1 (car empty))", [], "1");
      ("((lambda 1) (car empty))", [], "1");
      ("(#(lambda 1) (car empty))", [], "1");
      ("(lambda ((lambda ($0 (car empty))) (lambda 1)))", [ "0" ], "1");
      ("(map (car empty) empty)", [], "[]");
      ("(map (if (gt? 1 0) (+ 1) (car empty)) (range 2))", [], "[1,2]");
      ("((lambda (lambda (+ $1 $1))) 2 (car empty))", [], "4");
      ("(map (+ (car empty)) empty)", [], "[]");
      ("((if true + -) 3 4)", [], "7");
      ("(map (lambda ($0 10)) (cons (+ 1) (cons (* 2) empty)))", [], "[11,20]");
    ]

let limits () =
  let check text expected = Alcotest.(check string) text expected (outcome text []) in
  check "(range 1000000000)" "memory";
  check "(range 4611686018427387903)" "memory";
  check "(fix1 0 (lambda (lambda (if (gt? $0 30) 1 (+ ($1 (+ $0 1)) ($1 (+ $0 1)))))))" "fuel";
  check "(lambda $0)" "error: the result is a function";
  let tower = String.concat "" (List.init 9_000 (fun _ -> "(+ 1 ")) ^ "0" ^ String.make 9_000 ')' in
  check tower "9000";
  let million = "(fold (range 90000) 0 (lambda (lambda (+ $1 $0))))" in
  Alcotest.(check string) million "4049955000" (outcome ~limits:{ fuel = 1_000_000; size = 100_000 } million []);
  let deep =
    "(fix1 0 (lambda (lambda (fix1 0 (lambda (lambda (fix1 0 (lambda (lambda (if (gt? $0 45) (if (gt? $2 45) \
     (+ 1 ($5 (+ $4 1))) (+ 1 ($3 (+ $2 1)))) (+ 1 ($1 (+ $0 1)))))))))))))"
  in
  Alcotest.(check string) deep "memory" (outcome ~limits:{ fuel = 100_000_000; size = 1_000_000 } deep [])

let tests =
  let case name f = Alcotest.test_case name `Quick f in
  [
    case "lists" lists;
    case "integers" integers;
    case "strings and patterns" strings;
    case "what is not needed is not evaluated" laziness;
    case "fuel, size and depth" limits;
    Libraries.property no_overflow;
    Libraries.property split_joins;
  ]

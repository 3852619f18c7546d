(* The enumeration against a plain one without bounds, windows or sharing, on random
   grammars; sampling and judging. *)

open Lambda_machine

(* {1 A plain enumeration: the definition of the language and of its costs} *)

(* Beyond this many expansions a grammar is skipped: without bounds, one with a
   choice that is all but free has no end. So is one of endless depth. *)
exception Too_much_work

let most_expansions = 30_000
let expansions = ref 0

let rec plain ?(depth = 0) library weights context_of ~context typing request scope budget found =
  incr expansions;
  if !expansions > most_expansions || depth > 40 then raise Too_much_work;
  let plain = plain ~depth:(depth + 1) in
  let request = Types.apply typing request in
  match request with
  | Types.Constructor ("->", [ argument; result ]) ->
    plain library weights context_of ~context typing result (argument :: scope) budget (fun body cost typing ->
        found (Printf.sprintf "(lambda %s)" body) cost typing)
  | _ ->
    let copy () = Types.copy typing in
    let { Library.of_productions; of_variables } = weights context in
    let attempt head weight make =
      let typing = copy () in
      let ty = Types.apply typing (make typing) in
      if weight > neg_infinity && Types.unifies typing (Types.return_of ty) request then
        Some (head, weight, typing, Types.arguments_of ty)
      else None
    in
    let productions =
      List.filter_map Fun.id
        (List.mapi
           (fun i (p : Library.production) ->
             attempt (`Production (i, p.name)) of_productions.(i) (fun typing -> Types.instantiate typing p.ty))
           (Array.to_list library.Library.productions))
    in
    let variables =
      List.filter_map Fun.id (List.mapi (fun i ty -> attempt (`Variable i) of_variables (fun _ -> ty)) scope)
    in
    let share = log (float_of_int (List.length variables)) in
    let variables = List.map (fun (head, weight, typing, types) -> (head, weight -. share, typing, types)) variables in
    let all = variables @ productions in
    let total = Cost.log_sum_exp (List.map (fun (_, weight, _, _) -> weight) all) in
    List.iter
      (fun (head, weight, typing, types) ->
        let cost = Cost.of_nats (total -. weight) in
        let name = match head with `Production (_, name) -> name | `Variable i -> Printf.sprintf "$%d" i in
        let rec arguments position typing cost reversed types =
          if cost < budget then begin
            match types with
            | [] ->
              let text = if reversed = [] then name else Printf.sprintf "(%s %s)" name (String.concat " " (List.rev reversed)) in
              found text cost typing
            | ty :: types ->
              plain library weights context_of ~context:(context_of head position) typing ty scope (budget - cost)
                (fun text cost' typing -> arguments (position + 1) typing (cost + cost') (text :: reversed) types)
          end
        in
        arguments 0 typing cost [] types)
      all

let all_plain json request max_cost =
  let library = Library_json.read json in
  let weights, context_of =
    match library.contexts with
    | Same weights -> ((fun _ -> weights), fun _ _ -> `Start)
    | By_parent { start; variable; arguments } ->
      ( (function `Start -> start | `Variable -> variable | `Argument (i, j) -> arguments.(i).(j)),
        fun head position -> match head with `Production (i, _) -> `Argument (i, position) | `Variable _ -> `Variable )
  in
  let found = ref [] in
  expansions := 0;
  let request = Types.of_string request in
  plain library weights context_of ~context:`Start
    (Types.new_context (Types.variable_count request))
    request [] (Cost.of_nats max_cost)
    (fun text cost _ -> found := (text, cost) :: !found);
  List.sort compare !found

(* {1 Random grammars} *)

let some_types =
  [| "a"; "b"; "a -> b"; "b -> a"; "a -> a -> a"; "list(a)"; "list(t0) -> t0"; "t0 -> list(t0) -> list(t0)"; "list(t0)";
     "(a -> b) -> a"; "(t0 -> t1) -> list(t0) -> list(t1)"; "t0 -> t0 -> a"; "(t0 -> b) -> t0 -> b"; "list(t0) -> list(t0) -> a";
     "pair(t0, t1) -> t0"; "t0 -> t1 -> pair(t0, t1)"; "list(list(a))"; "t0 -> (t0 -> t1) -> t1"; "pair(t0, t0)" |]

let requests = [ "a"; "a -> b"; "list(a) -> a"; "list(a) -> list(b)"; "t0 -> list(t0)"; "(a -> a) -> a -> a"; "pair(a, b) -> pair(b, a)" ]

let grammar =
  let open QCheck2.Gen in
  let weight = oneof [ float_range (-3.) 1.; return 0. ] in
  let* types = list_size (2 -- 7) (oneofa some_types) in
  let count = List.length types in
  let weights = map (fun ws -> `List (List.map (fun w -> `Float w) ws)) (list_repeat count weight) in
  let w = map2 (fun ws v -> `Assoc [ ("log_weights", ws); ("log_variable", `Float v) ]) weights weight in
  let productions = List.mapi (fun i ty -> Libraries.production (Printf.sprintf "p%d" i) ty) types in
  let arity ty = List.length (Types.arguments_of (Types.of_string ty)) in
  let* contextual = bool in
  let* request = oneofl requests in
  if not contextual then
    let* log_variable = weight in
    let* ws = list_repeat count weight in
    let productions =
      List.mapi (fun i (ty, w) -> Libraries.production ~log_weight:(`Float w) (Printf.sprintf "p%d" i) ty) (List.combine types ws)
    in
    return (`Assoc [ ("productions", `List productions); ("log_variable", `Float log_variable) ], request)
  else
    let* start = w in
    let* variable = w in
    let* arguments = flatten_l (List.map (fun ty -> list_repeat (arity ty) w) types) in
    let arguments = List.mapi (fun i ws -> (Printf.sprintf "p%d" i, `List ws)) arguments in
    let contextual = `Assoc [ ("start", start); ("variable", variable); ("productions", `Assoc arguments) ] in
    return (Libraries.json ~fields:[ ("contextual", contextual) ] productions, request)

let shown (json, request) = Yojson.Safe.to_string json ^ " : " ^ request

let compared = ref 0

let same_as_plain =
  QCheck2.Test.make ~count:300 ~name:"the same programs and costs as a plain enumeration" ~print:shown grammar
    (fun (json, request) ->
      match all_plain json request 5. with
      | exception Too_much_work -> true
      | expected ->
        incr compared;
        let found, _, _, _ = Libraries.enumerate ~step:1.1 json request 5. in
        List.sort compare found = expected)

let most_were_compared () = Alcotest.(check bool) (Printf.sprintf "%d of 300" !compared) true (!compared > 150)

(* {1 Sampling} *)

let draws_are_in_the_language =
  QCheck2.Test.make ~count:60 ~name:"what is drawn is enumerated, at the same cost" ~print:shown grammar
    (fun (json, request) ->
      let library = Library_json.read json in
      match Sampling.sample (Grammar.of_library library) (Types.of_string request) ~seed:1 ~count:10 ~max_depth:3 with
      | exception Failure.Error (Bad_request, _) -> true
      | drawn ->
        let cheap = List.filter (fun (_, log_prior) -> log_prior > -4.999) drawn in
        match all_plain json request 5. with
        | exception Too_much_work -> true
        | programs ->
          List.for_all
            (fun (node, log_prior) ->
              match List.assoc_opt (Holes.to_string library node) programs with
              | Some cost -> Float.abs (Cost.to_nats cost +. log_prior) < 1e-9
              | None -> false)
            cheap)

let frequencies () =
  let json = Libraries.(json [ production "x" "a"; production ~log_weight:(`Float (log 3.)) "y" "a" ]) in
  let library = Library_json.read json in
  let drawn = Sampling.sample (Grammar.of_library library) (Types.of_string "a") ~seed:7 ~count:4000 ~max_depth:5 in
  let ys = List.length (List.filter (fun (node, _) -> Holes.to_string library node = "y") drawn) in
  Alcotest.(check bool) (Printf.sprintf "%d of 4000 are y" ys) true (abs (ys - 3000) < 120)

let shallow () =
  let library = Library_json.read (Libraries.of_names Libraries.common) in
  let request = Types.of_string "list(int) -> list(int)" in
  let rec depth (node : Holes.node) = 1 + List.fold_left (fun d a -> max d (depth a)) 0 node.reversed_arguments in
  let drawn = Sampling.sample (Grammar.of_library library) request ~seed:3 ~count:500 ~max_depth:4 in
  let deepest = List.fold_left (fun d (node, _) -> max d (depth node)) 0 drawn in
  Alcotest.(check bool) (Printf.sprintf "the deepest is %d" deepest) true (deepest >= 4 && deepest <= 7);
  let texts sample = List.map (fun (node, _) -> Holes.to_string library node) sample in
  Alcotest.(check (list string)) "same seed, same programs" (texts drawn)
    (texts (Sampling.sample (Grammar.of_library library) request ~seed:3 ~count:500 ~max_depth:4))

let splitmix () =
  let generator = Splitmix.create 1234567 in
  let first = List.init 3 (fun _ -> Printf.sprintf "%Lu" (Splitmix.next generator)) in
  Alcotest.(check (list string)) "published values"
    [ "6457827717110365317"; "3203168211198807973"; "9817491932198370423" ] first

(* {1 Judging} *)

(* Each task solved by just the programs that give its outputs, with any mix of shared inputs. *)
let judged =
  let open QCheck2.Gen in
  let input = list_size (0 -- 3) (0 -- 3) in
  let programs = [ "$0"; "(cdr $0)"; "(cons 1 $0)"; "empty"; "(map (lambda (+ $0 1)) $0)"; "(cons (car $0) empty)" ] in
  let task = pair (oneofl programs) (list_size (1 -- 6) input) in
  QCheck2.Test.make ~count:500 ~name:"tasks are solved by what solves them" (list_size (1 -- 12) task) (fun tasks ->
      let heads = Compile.library (Library_json.read (Libraries.of_names Libraries.common)) in
      let limits = Evaluation.default_limits in
      let value = Libraries.list_of_ints in
      let body text = Compile.term heads (Terms.of_string text) in
      let run text input = Evaluation.run limits (body text) (Evaluation.environment [| value input |]) in
      let inputs = List.sort_uniq compare (List.concat_map snd tasks) in
      let number input = Option.get (List.find_opt (fun (_, i) -> i = input) (List.mapi (fun n i -> (n, i)) inputs)) |> fst in
      let example text input =
        match run text input with
        | Value output -> Some { Judge.input = number input; output }
        | Error _ | Fuel | Memory _ -> None
      in
      let examples (text, inputs) = List.filter_map (example text) (List.sort_uniq compare inputs) in
      let judged = List.filter (fun e -> e <> []) (List.map examples tasks) in
      let judge =
        Judge.create limits ~inputs:(Array.of_list (List.map (fun i -> [| value i |]) inputs))
          (Array.of_list (List.map (fun examples -> { Judge.examples }) judged))
      in
      List.for_all
        (fun text ->
          let solved = ref [] in
          Judge.judge judge (body text) (fun i -> solved := i :: !solved);
          let expected =
            List.filter
              (fun i ->
                List.for_all
                  (fun (e : Judge.example) ->
                    match run text (List.nth inputs e.input) with Value v -> Values.equal v e.output | _ -> false)
                  (List.nth judged i))
              (List.init (List.length judged) Fun.id)
          in
          List.sort compare !solved = expected)
        programs)

(* {1 When a task ends} *)

(* With each negation of 1 a program costs log 2 more: in windows of half a nat there is one at most. *)
let tasks_end_with_their_hits () =
  let library = Library_json.read (Libraries.of_names [ "1"; "negate" ]) in
  let assembly = Assembly.create library (Compile.library library) in
  let task output = [ { Search.inputs = [||]; output = Values.Int output } ] in
  let check ?(step = 0.5) most_hits expected =
    let settings : Search.settings =
      {
        step = Cost.of_nats step;
        bound = Cost.infinite;
        most_programs = max_int;
        seconds = infinity;
        limits = Evaluation.default_limits;
        most_hits;
        exhaustive = false;
        merge = false;
      }
    in
    let result = Search.run settings assembly (Grammar.of_library library) Types.int [| task 1; task (-1) |] in
    let answer (answer : Search.answer) =
      let hits = List.map (fun (hit : Search.hit) -> Holes.to_string library hit.node) answer.hits in
      (answer.status = Solved, (answer.programs, Cost.to_nats answer.complete), hits)
    in
    Alcotest.(check (list (triple bool (pair int (float 0.)) (list string))))
      (Printf.sprintf "%d hits a task" most_hits)
      (List.map (fun (programs, complete, hits) -> (true, (programs, complete), hits)) expected)
      (List.map answer (Array.to_list result.answers));
    Alcotest.(check bool) "solved" true (result.status = Solved);
    let seconds = Array.map (fun (answer : Search.answer) -> answer.cpu_seconds) result.answers in
    Alcotest.(check bool) "shares add up" true (Float.abs (Array.fold_left ( +. ) 0. seconds -. result.cpu_seconds) < 1e-2);
    Alcotest.(check bool) "who ends first takes less" true (0. <= seconds.(0) && seconds.(0) <= seconds.(1))
  in
  check 1 [ (1, 1., [ "1" ]); (2, 1.5, [ "(negate 1)" ]) ];
  check 2
    [
      (3, 2.5, [ "1"; "(negate (negate 1))" ]);
      (4, 3., [ "(negate 1)"; "(negate (negate (negate 1)))" ]);
    ];
  check ~step:3. 1 [ (4, 3., [ "1" ]); (4, 3., [ "(negate 1)" ]) ]

let tests =
  [
    Libraries.property same_as_plain;
    Alcotest.test_case "most random grammars were compared" `Quick most_were_compared;
    Libraries.property draws_are_in_the_language;
    Alcotest.test_case "draws have the grammar's frequencies" `Quick frequencies;
    Alcotest.test_case "draws keep the depth limit" `Quick shallow;
    Alcotest.test_case "SplitMix64 as published" `Quick splitmix;
    Libraries.property judged;
    Alcotest.test_case "a task ends with as many hits as asked for" `Quick tasks_end_with_their_hits;
  ]

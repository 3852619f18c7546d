(* Drawings: what a turtle does, what is equal, and that merging terms loses no drawing. *)

open Lambda_machine

let library = Library_json.read Libraries.logo
let compiled = Compile.library library
let limits = Evaluation.default_limits

let drawing =
  match Catalogue.drawing_of (Types.of_string "turtle") with
  | Some drawing -> drawing
  | None -> failwith "turtles do not draw"

let run text =
  let view value = Values.Text (drawing.trace value) in
  Evaluation.run_program ~view limits (Evaluation.program_of_term compiled (Terms.of_string text)) [| drawing.nothing |]

let trace text =
  match run text with
  | Value (Text trace) -> trace
  | Error why -> Alcotest.failf "%s: %s" text why
  | _ -> Alcotest.failf "%s has no drawing" text

let failure text =
  match run text with
  | Value _ -> "none"
  | Error why -> why
  | Fuel -> "fuel"
  | Memory why -> why

(* {1 Turtles} *)

let line length rest = Printf.sprintf "(logo_FWRT (logo_MULL logo_UL %d) logo_ZA %s)" length rest
let quarter rest = Printf.sprintf "(logo_FWRT logo_ZL (logo_DIVA logo_UA 4) %s)" rest
let whole body = Printf.sprintf "(lambda %s)" body
let loop count body = whole (Printf.sprintf "(logo_forLoop %s (lambda (lambda %s)) $0)" count body)

let equal_drawings () =
  let same name first second = Alcotest.(check string) name (trace (whole first)) (trace (whole second)) in
  same "a loop is its body again and again"
    (Printf.sprintf "(logo_forLoop 3 (lambda (lambda (logo_FWRT (logo_MULL logo_UL $1) (logo_DIVA logo_UA 3) $0))) %s)"
       (line 1 "$0"))
    (Printf.sprintf
       "(logo_FWRT logo_ZL (logo_DIVA logo_UA 3) (logo_FWRT logo_UL (logo_DIVA logo_UA 3) (logo_FWRT (logo_MULL logo_UL 2) \
        (logo_DIVA logo_UA 3) %s)))"
       (line 1 "$0"));
  same "a drawing is centered, and a line has no direction" (line 2 "$0")
    (Printf.sprintf "(logo_PT (lambda %s) (logo_FWRT logo_ZL (logo_DIVA logo_UA 2) %s))" (line 5 "$0") (line 2 "$0"));
  same "GETSET returns, with the pen down"
    (Printf.sprintf "(logo_GETSET (lambda %s) %s)" (line 2 (quarter "$0")) (line 2 "$0"))
    (line 2 "$0");
  same "PT goes on from where its body ends"
    (Printf.sprintf "%s" (line 1 (Printf.sprintf "(logo_PT (lambda %s) %s)" (line 1 (quarter "$0")) (line 1 "$0"))))
    (line 1 (Printf.sprintf "(logo_PT (lambda %s) %s)" (line 1 "$0") (quarter (line 1 "$0"))));
  same "within PT nothing draws, GETSET neither"
    (Printf.sprintf "(logo_PT (lambda (logo_GETSET (lambda %s) $0)) %s)" (line 3 "$0") (line 1 "$0"))
    (line 1 "$0");
  same "a body may go on with what follows it, which comes again after it"
    (Printf.sprintf "(logo_GETSET (lambda (logo_FWRT logo_ZL (logo_DIVA logo_UA 4) $1)) %s)" "$0")
    "$0";
  Alcotest.(check string) "nothing" "" (trace "(lambda $0)");
  Alcotest.(check bool) "a longer line is another" false (trace (whole (line 1 "$0")) = trace (whole (line 2 "$0")))

let limits_of_drawings () =
  let check name expected text = Alcotest.(check string) name expected (failure text) in
  let larger = "the drawing is larger than the canvas" in
  check "the canvas holds nine units" "none" (whole (line 9 "$0"));
  check "and no more" larger (whole "(logo_FWRT (logo_MULL logo_UL 9) logo_ZA (logo_FWRT logo_epsL logo_ZA $0))");
  check "wherever it begins" larger (whole (line 5 (Printf.sprintf "(logo_PT (lambda %s) %s)" (line 9 "$0") (line 1 "$0"))));
  check "what is not drawn may be anywhere" "none" (whole (Printf.sprintf "(logo_PT (lambda %s) $0)" (line 9 (line 9 "$0"))));
  check "numbers have no end" "division by zero" (whole "(logo_FWRT (logo_DIVL logo_UL 0) logo_ZA $0)");
  let there_and_back = "(logo_FWRT logo_UL (logo_DIVA logo_UA 2) $0)" in
  check "8,000 moves" "none"
    (loop "logo_IFTY"
       (Printf.sprintf "(logo_forLoop 20 (lambda (lambda (logo_forLoop 20 (lambda (lambda %s)) $0))) $0)" there_and_back));
  check "as many as allowed" "none" (loop "10000" there_and_back);
  check "one more" "fuel" (loop "10001" there_and_back);
  check "no end" "fuel" (loop "1000000000000" there_and_back);
  check "turns without end" "fuel" (loop "1000000000000" "$0")

(* {1 Fractions} *)

let fraction = QCheck2.Gen.(map2 (fun n d -> (n, d)) (-40 -- 40) (1 -- 40))

let fractions_are_exact =
  QCheck2.Test.make ~count:300 ~name:"fractions add, subtract, multiply and divide exactly"
    QCheck2.Gen.(triple fraction fraction (1 -- 9))
    (fun ((a, b), (c, d), n) ->
      let x = Fraction.make a b and y = Fraction.make c d in
      Fraction.subtract (Fraction.add x y) y = x
      && Fraction.over (Fraction.times x n) n = x
      && Fraction.add x y = Fraction.make ((a * d) + (c * b)) (b * d)
      && Fraction.part_of_one (Fraction.add x (Fraction.make n 1)) = Fraction.part_of_one x
      && Fraction.to_float x = float_of_int a /. float_of_int b)

(* {1 Pictures} *)

let picture text = drawing.picture (trace text)

(* A line of 9 units on 28 pixels: 0.7 pixels wide, over two rows; the canvas ends with it. *)
let a_line () =
  let picture = picture (whole (line 9 "$0")) in
  let pixel x y = Char.code picture.[(y * 28) + x] in
  let expected y = if y = 13 || y = 14 then 85 else 0 in
  for y = 0 to 27 do
    for x = 0 to 27 do
      Alcotest.(check int) (Printf.sprintf "pixel %d, %d" x y) (expected y) (pixel x y)
    done
  done

(* Slanted lines: of this drawing cairo's picture was within 16 at each pixel. *)
let slanted_lines () =
  let heptagon = loop "7" "(logo_FWRT (logo_MULL logo_UL 2) (logo_DIVA logo_UA 7) $0)" in
  Alcotest.(check string) "its pixels" "f9bf75d040e2b46f6181cc8827a58e3a" (Digest.to_hex (Digest.string (picture heptagon)))

let rows_are_read_as_written =
  QCheck2.Test.make ~count:50 ~name:"pictures are read as they are written"
    QCheck2.Gen.(string_size ~gen:char (return 784))
    (fun picture -> Picture.of_rows ~side:28 (Picture.to_rows ~side:28 picture) = Some picture)

let alike () =
  let base = Bytes.make 784 '\100' in
  let with_pixel i value =
    let changed = Bytes.copy base in
    Bytes.set changed i (Char.chr value);
    Bytes.to_string changed
  in
  let base = Bytes.to_string base in
  List.iter
    (fun i ->
      let check value expected =
        Alcotest.(check bool) (Printf.sprintf "%d at %d" value i) expected
          (Picture.alike ~tolerance:16 base (with_pixel i value))
      in
      check 116 true;
      check 117 false;
      check 84 true;
      check 83 false)
    [ 0; 391; 392; 783 ];
  Alcotest.(check bool) "another size" false (Picture.alike ~tolerance:16 base (base ^ "x"))

(* {1 Merging} *)

let weighted =
  let open QCheck2.Gen in
  let weight = float_range (-1.) 1. in
  let* weights = list_repeat (Array.length library.productions) weight in
  let* of_variables = weight in
  return { Library.of_productions = Array.of_list weights; of_variables }

let enumerated ?(library = library) ?(request = "turtle -> turtle") ~merge bound =
  let assembly = Assembly.create library compiled in
  let graph = Holes.create ~merged:merge (Grammar.of_library library) in
  let merging = if merge then Some (Merging.create library assembly) else None in
  let search = Enumeration.create ?merging graph in
  let found = ref [] in
  let root = Holes.root graph (Types.of_string request) in
  let view value = Values.Text (drawing.trace value) in
  let each cost node =
    let environment = Evaluation.environment [| drawing.nothing |] in
    let outcome = Evaluation.run ~view limits (Assembly.body assembly node) environment in
    found := (Holes.to_string library node, cost, outcome) :: !found;
    if List.compare_length_with !found 40_000 > 0 then raise Enumeration.Stop
  in
  let ended, _ =
    Enumeration.windows search root ~step:(Cost.of_nats 2.) ~bound each ~window_end:(fun _ -> true)
  in
  (ended, !found)

(* The least cost of each trace. *)
let cheapest found =
  let costs = Hashtbl.create 1024 in
  List.iter
    (fun (_, cost, outcome) ->
      match (outcome : Evaluation.outcome) with
      | Value (Text trace) ->
        let known = Option.value ~default:max_int (Hashtbl.find_opt costs trace) in
        Hashtbl.replace costs trace (min cost known)
      | _ -> ())
    found;
  List.sort compare (Hashtbl.fold (fun trace cost all -> (trace, cost) :: all) costs [])

let compared = ref 0

let merging_loses_no_drawing =
  QCheck2.Test.make ~count:12 ~name:"merged terms give every drawing, at the same cost" weighted (fun weights ->
      let library = Library.with_contexts library (Same weights) and bound = Cost.of_nats 14. in
      let ended, plain = enumerated ~library ~merge:false bound in
      let _, merged = enumerated ~library ~merge:true bound in
      let costs = Hashtbl.create 1024 in
      List.iter (fun (text, cost, _) -> Hashtbl.replace costs text cost) plain;
      if ended <> Enumeration.Stopped then incr compared;
      ended = Enumeration.Stopped
      || (List.for_all (fun (text, cost, _) -> Hashtbl.find_opt costs text = Some cost) merged
         && List.compare_lengths merged plain < 0
         && cheapest merged = cheapest plain))

let most_were_compared () = Alcotest.(check bool) (Printf.sprintf "%d of 12" !compared) true (!compared >= 8)

let fewer () =
  let bound = Cost.of_nats 15. in
  let _, merged = enumerated ~merge:true bound and _, plain = enumerated ~merge:false bound in
  Alcotest.(check (pair int int)) "programs below 15 nats" (11_430, 966) (List.length plain, List.length merged);
  Alcotest.(check bool) "the same drawings" true (cheapest merged = cheapest plain);
  (* The bound is exclusive, for terms from a list, too. *)
  let request = "tlength" in
  let _, lengths = enumerated ~request ~merge:true (Cost.of_nats 10.) in
  let costs = List.sort_uniq compare (List.map (fun (_, cost, _) -> cost) lengths) in
  let bound = List.nth costs (List.length costs / 2) in
  let _, shorter = enumerated ~request ~merge:true bound in
  Alcotest.(check int) "terms that cost less than one"
    (List.length (List.filter (fun (_, cost, _) -> cost < bound) lengths))
    (List.length shorter)

(* Lengths that depend on how often a loop was gone through: its square is another only from 2 on. *)
let terms_with_variables () =
  let names = [ "logo_UL"; "logo_ZA"; "logo_MULL"; "logo_FWRT"; "logo_forLoop"; "3" ] in
  let library =
    Library_json.read (Libraries.json ~fields:[ ("continuation", `String "turtle") ] (List.map Libraries.built_in names))
  in
  let bound = Cost.of_nats 11.5 in
  let _, merged = enumerated ~library ~merge:true bound and _, plain = enumerated ~library ~merge:false bound in
  let has_square = List.exists (fun (text, _, _) ->
    text = "(lambda (logo_forLoop 3 (lambda (lambda (logo_FWRT (logo_MULL (logo_MULL logo_UL $1) $1) logo_ZA $0))) $0))")
  in
  Alcotest.(check bool) "squares are enumerated" true (has_square merged && has_square plain);
  Alcotest.(check bool) "fewer programs" true (List.compare_lengths merged plain < 0);
  Alcotest.(check bool) "the same drawings" true (cheapest merged = cheapest plain)

let tests =
  [
    Alcotest.test_case "equal drawings" `Quick equal_drawings;
    Alcotest.test_case "limits of drawings" `Quick limits_of_drawings;
    Libraries.property fractions_are_exact;
    Alcotest.test_case "the picture of a line" `Quick a_line;
    Alcotest.test_case "the picture of slanted lines" `Quick slanted_lines;
    Libraries.property rows_are_read_as_written;
    Alcotest.test_case "pictures that differ by little" `Quick alike;
    Libraries.property merging_loses_no_drawing;
    Alcotest.test_case "most weights were compared" `Quick most_were_compared;
    Alcotest.test_case "fewer programs" `Quick fewer;
    Alcotest.test_case "terms with variables" `Quick terms_with_variables;
  ]

(* The search over grids: its operations on small pictures, covers against a plain account of them, and answers that the
   ordinary evaluator must give again. *)

open Lambda_machine

(* {1 Pictures} *)

(* Rows of digits, with a full stop for 0. *)
let picture rows =
  let digit c = if c = '.' then 0 else Char.code c - Char.code '0' in
  let rows = Array.of_list rows in
  Image.of_grid (Grid.init ~height:(Array.length rows) ~width:(String.length rows.(0)) (fun y x -> digit rows.(y).[x]))

let rows image =
  let color y x = match Image.at image ((y * Image.width image) + x) with 0 -> "." | c -> string_of_int c in
  List.init (Image.height image) (fun y -> String.concat "" (List.init (Image.width image) (color y)))

let check name expected image = Alcotest.(check (list string)) name expected (rows image)
let fails name f = Alcotest.check_raises name Image.Fails (fun () -> ignore (f ()))

let changes () =
  let check name wanted f given = check name wanted (f (picture given)) in
  check "crop" [ "12"; ".3" ] Framing.crop [ "...."; ".12."; "..3." ];
  check "fill" [ "222"; "212"; "222" ] Outlines.fill [ "222"; "212"; "222" ];
  check "fill holes only" [ "222."; "222."; "222." ] Outlines.fill [ "222."; "2.2."; "222." ];
  check "holes" [ "..."; ".2."; "..." ] Outlines.holes [ "222"; "2.2"; "222" ];
  check "an open side is no hole" [ "2.2"; "2.2"; "222" ] Outlines.fill [ "2.2"; "2.2"; "222" ];
  check "ring" [ "111"; "1.1"; "111" ] (Outlines.ring ~diagonal:true) [ "..."; ".5."; "..." ];
  check "smear" [ "1122" ] (Rays.smear [ (0, 1) ]) [ "1.2." ];
  check "the first direction wins" [ "1112" ] (Rays.smear [ (0, 1); (0, -1) ]) [ "1..2" ];
  check "connect" [ "3332." ] (Rays.connect ~rows:true ~columns:false) [ "3.32." ];
  check "nothing else between" [ "3.2.3" ] (Rays.connect ~rows:true ~columns:false) [ "3.2.3" ];
  check "connect diagonals" [ "4.."; ".4."; "..4" ] Rays.connect_diagonals [ "4.."; "..."; "..4" ];
  check "fall" [ "..."; "2.."; "1.3" ] (Rays.fall (1, 0)) [ "2.."; "1.3"; "..." ];
  check "drop repeats" [ "12"; "34" ] Framing.without_repeated_lines [ "112"; "112"; "334" ];
  check "specks" [ "11.."; "1..." ] Outlines.without_specks [ "11.2"; "1..." ];
  check "a copy for each cell" [ "1.."; ".1." ] (fun image -> Image.part (Tiling.self_tensor image) ~top:0 ~left:0 ~height:2 ~width:3) [ "1."; ".1" ];
  check "repair" [ "1221"; "3443" ] Repairing.by_symmetry [ "1221"; "34.3" ];
  check "what a color covers" [ "44" ] (Repairing.hidden Repairing.by_symmetry 9) [ "112211"; "334433"; "339933"; "112211" ];
  fails "nothing to crop" (fun () -> Framing.crop (picture [ ".." ]));
  fails "more than two colors to exchange" (fun () -> Recoloring.exchanged (picture [ "123" ]))

let canvases () =
  let canvas = Image.blank ~row:0 ~column:0 2 6 in
  check "tile" [ "12.12."; "12.12." ] (Tiling.tile ~gap:1 ~mirrored:false (picture [ "12"; "12" ]) canvas);
  check "mirror" [ "122112"; "122112" ] (Tiling.tile ~gap:0 ~mirrored:true (picture [ "12" ]) canvas);
  check "periodic" [ "121212"; "121212" ] (Tiling.periodic_with (picture [ ".212"; "12.2" ]) canvas);
  check "broadcast" [ "111222"; "111222" ] (Tiling.broadcast (picture [ "12" ]) canvas);
  fails "no whole factor" (fun () -> Tiling.broadcast (picture [ "1234" ]) (Image.blank ~row:0 ~column:0 1 6))

let lists () =
  let all images = List.map rows (Array.to_list images) in
  let check name wanted images = Alcotest.(check (list (list string))) name wanted (all images) in
  check "connected parts, diagonally too" [ [ "1."; ".1" ]; [ "2" ] ]
    (Splitting.connected ~diagonal:true ~alike:false (picture [ "1..."; ".1.2" ]));
  check "between lines" [ [ "1" ]; [ "." ]; [ "." ]; [ "2" ] ] (Splitting.between_lines (picture [ "15."; "555"; ".52" ]));
  check "blocks" [ [ "11" ]; [ "2." ] ] (Splitting.blocks (picture [ "11"; ".."; "2." ]));
  check "regions, zeros first" [ [ "11" ]; [ "3" ] ] (Splitting.regions (picture [ "..3" ]));
  let images = Splitting.connected ~diagonal:false ~alike:false (picture [ "11.2"; "...."; "3..." ]) in
  Alcotest.(check (list string)) "the largest" [ "11" ] (rows (Choosing.first_best Image.filled images));
  Alcotest.(check (list string)) "stacked again" [ "11.2"; "...."; "3..." ] (rows (Image.stack images));
  Alcotest.(check (list string)) "a table" [ "12"; "3." ] (rows (Joining.table images));
  Alcotest.(check (list string))
    "in just one" [ "1." ]
    (rows (Joining.exclusive [| picture [ "12" ]; picture [ ".2" ] |]))

(* {1 Properties} *)

let random_image =
  let open QCheck2.Gen in
  let* height = int_range 1 7 and* width = int_range 1 7 and* palette = int_range 1 4 in
  let+ cells = array_size (return (height * width)) (int_range 0 palette) in
  Image.of_grid (Grid.init ~height ~width (fun y x -> cells.((y * width) + x)))

let print image = String.concat "/" (rows image)
let test ?(count = 300) name law = QCheck2.Test.make ~name ~count ~print random_image law

let motions =
  let open Symmetries in
  let twice f image = Image.equal (f (f image)) image in
  [
    test "reflections undo themselves" (fun image ->
        List.for_all (fun f -> twice f image) [ rows_reversed; columns_reversed; half_turn; transposed; antitransposed ]);
    test "turns undo each other" (fun image -> Image.equal (turned_left (turned_right image)) image);
    test "two turns are a half turn" (fun image -> Image.equal (turned_right (turned_right image)) (half_turn image));
    test "a color kept and erased is the image" (fun image ->
        Image.equal (Image.stack [| Recoloring.keep 1 image; Recoloring.erase 1 image |]) image);
    test "parts stacked are the image cropped" (fun image ->
        match Image.stack (Splitting.connected ~diagonal:false ~alike:true image) with
        | stacked -> Image.equal stacked (Framing.crop image)
        | exception Image.Fails -> Image.filled image = 0);
    test "filling fills once" (fun image -> Image.equal (Outlines.fill (Outlines.fill image)) (Outlines.fill image));
    test "border and inner are the image" (fun image ->
        Image.equal (Image.over (Outlines.border image) (Outlines.inner image)) image);
  ]

(* Whatever an operation is given, it makes an image within the limits, or fails as it may. *)
let total =
  let canvas = Image.blank ~row:0 ~column:0 4 5 in
  let is_sound (image : Image.t) =
    Image.cells image = Image.height image * Image.width image && Image.cells image > 0 && Image.cells image <= Image.most_cells
  in
  let lists image = [ [| image |]; Splitting.columns image; [| image; Framing.shift 2 (-3) image; Symmetries.transposed image |] ] in
  let attempt f = match f () with images -> Array.for_all is_sound images | exception Image.Fails -> true in
  test ~count:100 "every operation gives images or fails" (fun image ->
      let before = print image in
      List.for_all
        (fun ({ meaning; _ } : Operations.t) ->
          match meaning with
          | Change f -> attempt (fun () -> [| f image |])
          | Split f -> attempt (fun () -> f image)
          | Fit f -> attempt (fun () -> [| f image canvas |])
          | Choose f -> List.for_all (fun images -> attempt (fun () -> [| f images |])) (lists image)
          | Select f -> List.for_all (fun images -> attempt (fun () -> f images)) (lists image))
        Operations.all
      && print image = before)

(* {1 Covers} *)

let pair_of_images =
  let open QCheck2.Gen in
  let* height = int_range 1 9 and* width = int_range 1 9 in
  let cells = array_size (return (height * width)) (int_range 0 2) in
  let+ a = cells and+ b = cells and+ unset = array_size (return (height * width)) bool in
  let image cells = Image.of_grid (Grid.init ~height ~width (fun y x -> cells.((y * width) + x))) in
  (image a, image b, unset)

let gains =
  QCheck2.Test.make ~name:"a layer's gain is what it sets, if all of that is right" ~count:500 pair_of_images
    (fun (output, image, unset) ->
      let total = Image.cells output in
      let state = { States.cost = 0; origin = Given Input; value = One [| image |] } in
      let piece = Cover.piece [| output |] total state [| image |] in
      let bits = Bits.create total in
      Array.iteri (fun i is_unset -> if is_unset then Bits.add bits i) unset;
      List.for_all
        (fun mode ->
          let sets i =
            unset.(i)
            && match mode with Cover.Everywhere -> true | Filled -> Image.at image i <> 0 | Zeros -> Image.at image i = 0
          in
          let cells = List.filter sets (List.init total Fun.id) in
          let is_right i = Image.at image i = Image.at output i in
          let plain = if List.for_all is_right cells then List.length cells else -1 in
          let left = Bits.count (Cover.lay { piece; mode } bits) in
          Cover.gain piece mode bits = plain && left = Bits.count bits - List.length cells)
        Cover.modes)

(* {1 Programs} *)

let compiled = lazy (Compile.library (Library.make [||] (Same { of_productions = [||]; of_variables = 0. })))

let value term (image : Image.t) =
  match Evaluation.run_program Evaluation.default_limits (Evaluation.program_of_term (Lazy.force compiled) term) [| Grid image.grid |] with
  | Value (Grid grid) -> Some grid
  | _ -> None

let substitutions =
  let open QCheck2.Gen in
  let gen = pair random_image (array_size (return 5) (int_range 0 4)) in
  QCheck2.Test.make ~name:"colors are replaced all at once" ~count:300 gen (fun (image, targets) ->
      let changes = List.filter (fun (from, onto) -> from <> onto) (List.init 5 (fun c -> (c, targets.(c)))) in
      let term = Solution.program (Solution.substituted changes (Application (Name "grid_piece", [ Variable 0 ]))) in
      let wanted = Image.recolor image (fun c -> targets.(c)) in
      match value term image with Some grid -> Grid.equal grid wanted.grid | None -> false)

let settings = { Grid_search.depth = 21; most_answers = 3; most_tried = max_int; exhaustive = false; starts = 12 }
let search = Grid_search.run settings ~is_over:(fun () -> false) (Array.of_list Operations.all)

(* Programs of two operations or with layers, on small grids. *)
let hidden =
  let open Recoloring in
  [|
    (fun image -> Symmetries.transposed (swap 1 2 image)); (fun image -> Framing.crop (keep 1 image));
    (fun image -> Image.over (keep 2 image) (Rays.smear [ (0, 1) ] (keep 1 image)));
    (fun image -> Symmetries.rows_reversed (paint 3 image)); (fun image -> Image.over image (Outlines.ring ~diagonal:true image));
    (fun image -> Choosing.first_best Image.filled (Splitting.connected ~diagonal:true ~alike:false image));
  |]

(* Found again from three examples; what is answered gives the demonstrations and its own test outputs in the ordinary
   evaluator, whether or not it is what was hidden. *)
let answers =
  let open QCheck2.Gen in
  let gen = triple (int_range 0 (Array.length hidden - 1)) (list_size (return 3) random_image) random_image in
  QCheck2.Test.make ~name:"answers are programs that give what was found" ~count:6
    ~print:(fun (which, inputs, test) -> Printf.sprintf "%d: %s" which (String.concat " " (List.map print (inputs @ [ test ]))))
    gen (fun (which, inputs, test) ->
      (* Where what is hidden has no result for the test, there may be no answer. *)
      match ignore (hidden.(which) test); List.map hidden.(which) inputs with
      | exception Image.Fails -> true
      | outputs ->
        let outputs = Array.of_list (List.map (fun (image : Image.t) -> Image.of_grid image.grid) outputs) in
        let inputs = Array.of_list (inputs @ [ test ]) in
        let { Grid_search.answers; _ } = search { inputs; outputs } in
        answers <> []
        && List.for_all
             (fun ({ term; outputs = tests; _ } : Grid_search.answer) ->
               let gives i (wanted : Grid.t) = match value term inputs.(i) with Some grid -> Grid.equal grid wanted | None -> false in
               Array.for_all Fun.id (Array.mapi (fun i (output : Image.t) -> gives i output.grid) outputs) && gives 3 tests.(0))
             answers)

let ranked () =
  let inputs = [| [ "1.."; "..2" ]; [ "12."; "..." ]; [ "..2"; "11." ]; [ ".2."; "1.." ] |] in
  let inputs = Array.map picture inputs in
  let outputs = Array.map Symmetries.columns_reversed (Array.sub inputs 0 3) in
  let { Grid_search.answers; ended; _ } = search { inputs; outputs } in
  Alcotest.(check bool) "it ended by itself" true ended;
  let best = List.hd answers in
  Alcotest.(check string) "the simplest first" "(lambda (grid_of_piece (grid_columns_reversed (grid_piece $0))))" (Terms.to_string best.term);
  let shown (answer : Grid_search.answer) = rows (Image.of_grid answer.outputs.(0)) in
  Alcotest.(check (list string)) "of the test" [ ".2."; "..1" ] (shown best);
  let all = List.map shown answers in
  Alcotest.(check int) "each with another output" (List.length all) (List.length (List.sort_uniq compare all));
  let again = search { inputs; outputs } in
  let terms { Grid_search.answers; _ } = List.map (fun (a : Grid_search.answer) -> Terms.to_string a.term) answers in
  Alcotest.(check (list string)) "the same again" (List.map (fun (a : Grid_search.answer) -> Terms.to_string a.term) answers) (terms again)

let cut () =
  let task = { Grid_search.inputs = [| picture [ "12" ]; picture [ "21" ] |]; outputs = [| picture [ "77777" ] |] } in
  let { Grid_search.ended; tried; _ } =
    Grid_search.run { settings with most_tried = 50 } ~is_over:(fun () -> false) (Array.of_list Operations.all) task
  in
  Alcotest.(check bool) "it was cut" false ended;
  Alcotest.(check int) "at once" 50 tried

let primitives () =
  let names = List.map (fun (each : Primitive.t) -> each.name) Primitives_search.table in
  Alcotest.(check int) "one of each name" (List.length names) (List.length (List.sort_uniq compare names));
  List.iter
    (fun (operation : Operations.t) -> Alcotest.(check bool) operation.name true (List.mem operation.name names))
    Operations.all;
  Alcotest.(check bool) "an error, not an exception" true
    (value (Terms.of_string "(lambda (grid_of_piece (grid_crop (grid_erase 1 (grid_piece $0)))))") (picture [ "1" ]) = None)

let tests =
  let case name run = Alcotest.test_case name `Quick run in
  [
    case "changes" changes; case "canvases" canvases; case "lists" lists; case "ranking" ranked; case "budget" cut;
    case "primitives" primitives;
  ]
  @ List.map Libraries.property (motions @ [ total; gains; substitutions; answers ])

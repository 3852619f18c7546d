(* Grids and sets of positions: symmetries, sets whatever the order, limits of coordinates. *)

open Lambda_machine

let grid_of (height, width, seed) =
  Grid.init ~height ~width (fun row column -> Hashtbl.hash (seed, row, column) mod 4)

let grids = QCheck2.Gen.(triple (1 -- 9) (1 -- 9) small_nat)
let positions count = QCheck2.Gen.(list_size count (pair (-40 -- 40) (-40 -- 40)))
let some = positions QCheck2.Gen.(1 -- 20)
let set_of listed = Cells.of_unsorted (Array.of_list (List.map (fun (row, column) -> Cells.position row column) listed))
let property name generator holds = Libraries.property (QCheck2.Test.make ~count:300 ~name generator holds)
let same f g shape = Grid.equal (f (grid_of shape)) (g (grid_of shape))

let symmetries =
  let open Layout in
  List.map
    (fun (name, f, g) -> property name grids (same f g))
    [
      ("four quarters are none", (fun grid -> rot90 (rot90 (rot90 (rot90 grid)))), Fun.id);
      ("two quarters are a half", (fun grid -> rot90 (rot90 grid)), rot180);
      ("a quarter back", (fun grid -> rot270 (rot90 grid)), Fun.id);
      ("mirrors undo themselves: rows", (fun grid -> hmirror (hmirror grid)), Fun.id);
      ("columns", (fun grid -> vmirror (vmirror grid)), Fun.id);
      ("diagonal", (fun grid -> dmirror (dmirror grid)), Fun.id);
      ("counterdiagonal", (fun grid -> cmirror (cmirror grid)), Fun.id);
      ("both mirrors are a half", (fun grid -> hmirror (vmirror grid)), rot180);
      ("a mirror and the diagonal are a quarter", (fun grid -> vmirror (dmirror grid)), rot90);
      ("small again", (fun grid -> downscaled 3 (scaled ~rows:3 ~columns:3 grid)), Fun.id);
      ("painted as it is", (fun grid -> Coloring.painted (Coloring.all grid) grid), Fun.id);
      ("made of its colors",
       (fun grid ->
         List.fold_left (fun canvas cells -> Coloring.painted cells canvas)
           (Coloring.canvas 9 ~height:grid.height ~width:grid.width)
           (Components.partition grid)),
       Fun.id);
    ]

let objects_partition (univalued, diagonal, shape) =
  let grid = grid_of shape in
  let pieces = Components.objects ~univalued ~diagonal ~without:None grid in
  Cells.equal (Cells.of_unsorted (Array.concat pieces)) (Coloring.all grid)
  && List.fold_left (fun total piece -> total + Array.length piece) 0 pieces = Grid.cells grid

(* The distance by a table of the box is that of all pairs. *)
let distances (a, b) =
  let a = set_of a and b = set_of b in
  let pairs =
    Array.to_list a
    |> List.concat_map (fun place ->
           Array.to_list b
           |> List.map (fun place' -> abs (Cells.row place - Cells.row place') + abs (Cells.column place - Cells.column place')))
  in
  let least = List.fold_left min max_int pairs in
  Shapes.distance a b = least && Shapes.adjacent a b = (least = 1)

let dense (a, b) =
  let square (row, column) = List.concat (List.init 6 (fun i -> List.init 6 (fun j -> (row + i, column + j)))) in
  distances (List.concat_map square a, List.concat_map square b)

let sets_of_sets listed =
  let set positions = Sets.of_positions (set_of positions) in
  let one = Sets.of_array (Array.of_list (List.map set listed)) in
  let other = Sets.of_array (Array.of_list (List.rev_map set (listed @ listed))) in
  Values.equal one other && Sets.compare one other = 0

let moves (listed, (rows, columns)) =
  let set = set_of listed in
  match Option.bind (Cells.moved rows columns set) (Cells.moved (-rows) (-columns)) with
  | Some back -> Cells.equal back set
  | None -> false

let far () =
  let set = set_of [ (0, 0) ] in
  Alcotest.(check bool) "within" true (Cells.moved (Cells.reach - 1) 0 set <> None);
  Alcotest.(check bool) "beyond" true (Cells.moved Cells.reach 0 set = None);
  Alcotest.(check bool) "beyond on the other side" true (Cells.moved 0 (-Cells.reach - 1) set = None)

let grids_are_lists_of_rows () =
  let grid = grid_of (2, 3, 5) in
  Alcotest.(check bool) "equal" true (Values.equal (Grid grid) (Values.rows_of grid));
  let both = Sets.of_array [| Values.Grid grid; Values.rows_of grid |] in
  Alcotest.(check (option int)) "one element" (Some 1) (Option.map Array.length (Sets.to_array both))

let tests =
  symmetries
  @ [
      property "objects are all cells, each once" QCheck2.Gen.(triple bool bool grids) objects_partition;
      property "distances" QCheck2.Gen.(pair some some) distances;
      property "distances of dense sets" QCheck2.Gen.(pair some some) dense;
      property "sets of sets have no order of their own" QCheck2.Gen.(list_size (0 -- 8) some) sets_of_sets;
      property "there and back" QCheck2.Gen.(pair some (pair (-99 -- 99) (-99 -- 99))) moves;
      Alcotest.test_case "positions too far away" `Quick far;
      Alcotest.test_case "a grid is the list of its rows" `Quick grids_are_lists_of_rows;
    ]

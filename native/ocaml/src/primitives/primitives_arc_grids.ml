open Arc_kinds

(* {1 Functions} *)

let grid1 f =
  Primitive.Unary
    (fun value ->
      let grid = grid value in
      look_at (Grid.cells grid);
      f grid)

(* No larger than what it is made of, or of the size that is charged. *)
let to_grid f =
  grid1 (fun grid ->
      allocate (Grid.cells grid);
      of_grid (f grid))

let grid_and_int f = Primitive.Binary (fun value n -> f (grid value) (integer n))

let sized height width =
  let height = max 0 height and width = max 0 width in
  if height > 0 && width > 0 && height > max_int / width then Budget.allocate max_int;
  allocate (height * width);
  (* Rows without cells take no room, but time. *)
  Budget.steps ((height + width) / 64)

let scaled ~rows ~columns (grid : Grid.t) =
  (* As many times as all of the budget is as good as any more. *)
  let bounded factor = min (max 0 factor) (1 lsl 28) in
  let rows = bounded rows and columns = bounded columns in
  sized (grid.height * rows) (grid.width * columns);
  of_grid (Layout.scaled ~rows ~columns grid)

let upscale value factor =
  let factor = integer factor in
  match value with
  | Values.Set [||] -> Sets.empty
  | Colored cells ->
    let { Cells.top; left; _ } = Cells.box (Cells.places cells) in
    let factor = max 0 factor in
    if factor > 1 lsl 14 then Budget.allocate max_int;
    allocate (Array.length cells * factor * factor);
    let scaled cell =
      let place = Cells.place cell in
      let row = top + ((Cells.row place - top) * factor) and column = left + ((Cells.column place - left) * factor) in
      if factor > 0 then begin
        ignore (Arc_kinds.place (row, column));
        ignore (Arc_kinds.place (row + factor, column + factor))
      end;
      Cells.init (factor * factor) (fun i ->
          Cells.colored (Cells.color cell) (Cells.position (row + (i / factor)) (column + (i mod factor))))
    in
    Sets.of_colored (Cells.of_unsorted (Array.concat (List.map scaled (Array.to_list cells))))
  | value -> scaled ~rows:factor ~columns:factor (grid value)

let downscale grid factor =
  if factor = 0 then Values.fail "division by zero";
  look_at (Grid.cells grid);
  allocate (Grid.cells grid);
  of_grid (Layout.downscaled factor grid)

let hconcat left right =
  let left = grid left and right = grid right in
  allocate (Grid.cells left + Grid.cells right);
  of_grid (Layout.beside left right)

let joined top bottom =
  allocate (Grid.cells top + Grid.cells bottom);
  match Layout.above top bottom with
  | Some grid -> grid
  | None -> Values.fail "grids of different widths on top of each other are no grid"

let vconcat top bottom = of_grid (joined (grid top) (grid bottom))

let crop value start size =
  let grid = grid value and row, column = offset start and height, width = offset size in
  allocate (Grid.cells grid);
  of_grid (Layout.crop ~row ~column ~height ~width grid)

let subgrid set value =
  match patch set with
  | None -> Values.fail "an empty set is around nothing"
  | Some places ->
    let { Cells.top; left; bottom; right } = Cells.box places in
    let grid = grid value in
    allocate (Grid.cells grid);
    look_at (Array.length places);
    of_grid (Layout.crop ~row:top ~column:left ~height:(bottom - top + 1) ~width:(right - left + 1) grid)

let split parts_of grid parts =
  if parts = 0 then Values.fail "division by zero";
  allocate (Grid.cells grid + max 0 parts);
  list (Array.of_list (List.map of_grid (parts_of parts grid)))

let cellwise a b otherwise =
  let a = grid a and b = grid b in
  allocate (Grid.cells a);
  match Coloring.agreement a b ~otherwise:(color (integer otherwise)) with
  | Some grid -> of_grid grid
  | None -> Values.fail "the second grid is smaller"

let canvas value size =
  let height, width = offset size in
  sized height width;
  of_grid (Coloring.canvas (color (integer value)) ~height:(max 0 height) ~width:(max 0 width))

let recolored f = Primitive.Ternary (fun value a b ->
    let grid = grid value in
    allocate (Grid.cells grid);
    of_grid (f grid (integer a) (integer b)))

let replace grid old fresh = Coloring.replaced old ~by:(color fresh) grid
let switch grid a b = Coloring.switched (color a) (color b) grid

(* {1 Painting} *)

let background grid =
  if Grid.cells grid = 0 then Values.fail "a grid without cells has no background";
  Coloring.mostcolor grid

let paint_on value cells painted =
  let grid = grid value in
  allocate (Grid.cells grid);
  look_at (Array.length cells);
  of_grid (painted grid cells)

let fill value color_ set =
  paint_on value (positions set) (fun grid places -> Coloring.filled (color (integer color_)) places grid)

let painted ?only cells grid =
  Array.iter (fun cell -> ignore (color (Cells.color cell))) cells;
  Coloring.painted ?only cells grid

let paint value set = paint_on value (colored_in_turn set) (fun grid cells -> painted cells grid)

let underfill value color_ set =
  paint_on value (positions set) (fun grid places ->
      Coloring.filled ~only:(background grid) (color (integer color_)) places grid)

let underpaint value set =
  paint_on value (colored_in_turn set) (fun grid cells -> painted ~only:(background grid) cells grid)

let covered grid places =
  look_at (Grid.cells grid);
  Coloring.filled (background grid) places grid

let cover value set = paint_on value (positions set) covered

let move value set by =
  let cells = colored set in
  paint_on value cells (fun grid cells ->
      let moved =
        match Arc_shift.shifted (Sets.of_colored cells) by with
        | Colored cells -> cells
        | _ -> [||]
      in
      painted moved (covered grid (Cells.places cells)))

(* {1 Counting and finding} *)

(* As of the published language, outside the grid is something that equals no color: the empty list. *)
let index value at =
  let grid = grid value and row, column = offset at in
  if row < 0 || row >= grid.height || column < 0 || column >= grid.width then Values.Nil
  else Values.int (Grid.at grid row column)

let asindices grid =
  allocate (Grid.cells grid);
  Sets.of_positions (Coloring.positions grid)

let ofcolor grid color =
  let places = Coloring.of_color color grid in
  look_at (Grid.cells grid);
  allocate (Array.length places);
  Sets.of_positions places

let asobject grid =
  allocate (Grid.cells grid);
  Sets.of_colored (Coloring.all grid)

let toobject set value =
  let places = positions set in
  allocate (Array.length places);
  Sets.of_colored (Coloring.seen_at places (grid value))

let of_pieces pieces = set (Array.of_list (List.map Sets.of_colored pieces))

let connected value univalued diagonal without_background =
  let grid = grid value in
  allocate (Grid.cells grid);
  look_at (8 * Grid.cells grid);
  let without = if truth without_background then Some (background grid) else None in
  of_pieces (Components.objects ~univalued:(truth univalued) ~diagonal:(truth diagonal) ~without grid)

let partition grid =
  allocate (Grid.cells grid);
  of_pieces (Components.partition grid)

let fgpartition grid =
  allocate (Grid.cells grid);
  let background = background grid in
  of_pieces (List.filter (fun cells -> Cells.color cells.(0) <> background) (Components.partition grid))

let frontiers grid =
  allocate (2 * Grid.cells grid);
  of_pieces (Coloring.lines grid)

let occurrences value set =
  let grid = grid value in
  match colored set with
  | [||] -> Values.fail "an empty object occurs nowhere"
  | cells ->
    let found = Components.occurrences cells grid in
    look_at (8 * Grid.cells grid);
    look_at (Array.length cells);
    allocate (Array.length found);
    Sets.of_positions found

(* {1 The table} *)

let table =
  let open Arc_signatures in
  let row name parameters result implementation doc values = family name parameters result implementation ~doc ~values in
  let patch_or_positions = patch_or "positions" (Printf.sprintf "list(%s)" position) "(repeat.list UNITY TWO)" in
  List.concat
    [
      row "rot90" [ grid ] "tgrid" (to_grid Layout.rot90) "the grid turned clockwise by a quarter"
        [ "[[0,0],[0,2],[1,2]]" ];
      row "rot180" [ grid ] "tgrid" (to_grid Layout.rot180) "the grid turned by half" [ "[[1,0,0],[2,2,0]]" ];
      row "rot270" [ grid ] "tgrid" (to_grid Layout.rot270) "the grid turned counterclockwise by a quarter"
        [ "[[2,1],[2,0],[0,0]]" ];
      row "hupscale" [ grid; int "TWO" ] "tgrid" (grid_and_int (fun grid n -> scaled ~rows:1 ~columns:n grid))
        "each cell so many columns wide" [ "[[0,0,2,2,2,2],[0,0,0,0,1,1]]" ];
      row "vupscale" [ grid; int "TWO" ] "tgrid" (grid_and_int (fun grid n -> scaled ~rows:n ~columns:1 grid))
        "each cell so many rows high" [ "[[0,2,2],[0,2,2],[0,0,1],[0,0,1]]" ];
      row "upscale" [ element; int "TWO" ] "${1}" (Binary upscale)
        "each cell a square of that side; an object keeps its upper left corner" [ "[[0,0,2,2,2,2],[0,0,2,2,2,2],[0,0,0,0,1,1],[0,0,0,0,1,1]]"; "[[2,[0,1]],[2,[0,2]],[2,[0,3]],[2,[0,4]],[2,[1,1]],[2,[1,2]],[2,[1,3]],[2,[1,4]],[1,[2,3]],[1,[2,4]],[1,[3,3]],[1,[3,4]]]" ];
      row "downscale" [ grid; int "TWO" ] "tgrid" (grid_and_int downscale)
        "the rows and columns whose numbers, from 0 on, the integer divides" [ "[[0,2]]" ];
      row "hconcat" [ grid; grid ] "tgrid" (Binary hconcat) "two grids side by side, as many rows as both have"
        [ "[[0,2,2,0,2,2],[0,0,1,0,0,1]]" ];
      row "vconcat" [ grid; grid ] "tgrid" (Binary vconcat) "the first grid on top of the second, equally wide"
        [ "[[0,2,2],[0,0,1],[0,2,2],[0,0,1]]" ];
      row "crop" [ grid; offset "ORIGIN"; offset "UNITY" ] "tgrid" (Ternary crop)
        "of the grid what is in the rectangle from a position on of a height and width" [ "[[0]]" ];
      row "subgrid" [ patch; grid ] "tgrid" (Binary subgrid) "of the grid what is in the least rectangle around the set"
        [ "[[2,2],[0,1]]"; "[[2,2]]" ];
      row "hsplit" [ grid; int "THREE" ] "list(tgrid)" (grid_and_int (split Layout.hsplit))
        "the grid in so many parts side by side; between two a column is left out if the width is no multiple" [ "[[[0],[0]],[[2],[0]],[[2],[1]]]" ];
      row "vsplit" [ grid; int "TWO" ] "list(tgrid)" (grid_and_int (split Layout.vsplit))
        "the grid in so many parts on top of each other; between two a row is left out if the height is no multiple" [ "[[[0,2,2]],[[0,0,1]]]" ];
      row "trim" [ at grid "(upscale.grid $0 TWO)" ] "tgrid" (to_grid Layout.trim)
        "the grid without its outer rows and columns" [ "[[0,2,2,2],[0,0,0,1]]" ];
      row "tophalf" [ grid ] "tgrid" (to_grid Layout.tophalf) "the upper half, without the middle row" [ "[[0,2,2]]" ];
      row "bottomhalf" [ grid ] "tgrid" (to_grid Layout.bottomhalf) "the lower half, without the middle row"
        [ "[[0,0,1]]" ];
      row "lefthalf" [ grid ] "tgrid" (to_grid Layout.lefthalf) "the left half, without the middle column"
        [ "[[0],[0]]" ];
      row "righthalf" [ grid ] "tgrid" (to_grid Layout.righthalf) "the right half, without the middle column"
        [ "[[2],[1]]" ];
      row "compress" [ grid ] "tgrid" (to_grid Layout.compress) "the grid without the rows and columns of one color"
        [ "[[2,2],[0,1]]" ];
      row "cellwise" [ grid; at grid "(vmirror.grid $0)"; int "FIVE" ] "tgrid" (Ternary cellwise)
        "in the first grid's size the colors that both have, elsewhere the color given" [ "[[5,2,5],[5,0,5]]" ];
      row "replace" [ grid; int "TWO"; int "THREE" ] "tgrid" (recolored replace)
        "the second color in place of the first" [ "[[0,3,3],[0,0,1]]" ];
      row "switch" [ grid; int "TWO"; int "ONE" ] "tgrid" (recolored switch) "both colors exchanged"
        [ "[[0,1,1],[0,0,2]]" ];
      row "canvas" [ int "THREE"; offset "UNITY" ] "tgrid" (Binary canvas) "a grid of one color, of a height and width"
        [ "[[3]]" ];
      row "fill" [ grid; int "THREE"; patch_or_positions ] "tgrid" (Ternary fill) "the set's cells in a color"
        [ "[[0,3,3],[0,0,3]]"; "[[0,3,3],[0,0,1]]"; "[[0,2,2],[0,3,1]]" ];
      row "paint" [ grid; either [ at obj "(recolor.indices THREE (ofcolor $0 TWO))"; cells "(repeat.list (astuple TWO UNITY) ONE)" ] ] "tgrid" (Binary paint)
        "the object on the grid; at one position the greatest color of a set, the last one of a list" [ "[[0,3,3],[0,0,1]]"; "[[0,2,2],[0,2,1]]" ];
      row "underfill" [ grid; int "THREE"; patch_or_positions ] "tgrid" (Ternary underfill)
        "the set's cells in a color, where the grid has its most frequent color" [ "[[0,2,2],[0,0,1]]"; "[[0,2,2],[0,0,1]]"; "[[0,2,2],[0,3,1]]" ];
      row "underpaint" [ grid; at obj "(recolor.indices THREE (asindices $0))" ] "tgrid" (Binary underpaint)
        "the object on the grid, where that has its most frequent color" [ "[[3,2,2],[3,3,1]]" ];
      row "cover" [ grid; patch ] "tgrid" (Binary cover) "the set's cells in the grid's most frequent color"
        [ "[[0,0,0],[0,0,0]]"; "[[0,0,0],[0,0,1]]" ];
      row "move" [ grid; at obj "(recolor.indices TWO (ofcolor $0 TWO))"; offset "DOWN" ] "tgrid" (Ternary move)
        "the object taken off the grid, then painted in another place, by rows down and columns to the right" [ "[[0,0,0],[0,2,2]]" ];
      row "index.grid" [ grid; offset "RIGHT" ] "int" (Binary index)
        "the color at a position; what equals no color outside the grid" [ "2" ];
      row "asindices" [ grid ] indices (grid1 asindices) "all positions of the grid"
        [ "[[0,0],[0,1],[0,2],[1,0],[1,1],[1,2]]" ];
      row "ofcolor" [ grid; int "TWO" ] indices (grid_and_int ofcolor) "the positions of a color" [ "[[0,1],[0,2]]" ];
      row "asobject" [ grid ] object_ (grid1 asobject) "all cells of the grid with their colors"
        [ "[[0,[0,0]],[2,[0,1]],[2,[0,2]],[0,[1,0]],[0,[1,1]],[1,[1,2]]]" ];
      row "toobject" [ patch; grid ] object_ (Binary toobject)
        "the set's positions that are in the grid, with the grid's colors"
        [ "[[2,[0,1]],[2,[0,2]],[1,[1,2]]]"; "[[2,[0,1]],[2,[0,2]]]" ];
      row "objects" [ grid; bool "T"; bool "F"; bool "T" ] objects (Quaternary connected)
        "the connected pieces: of one color each if the first is true, across corners if the second is, without the most frequent color if the third is"
        [ "[[[1,[1,2]]],[[2,[0,1]],[2,[0,2]]]]" ];
      row "partition" [ grid ] objects (grid1 partition) "the cells of each color"
        [ "[[[0,[0,0]],[0,[1,0]],[0,[1,1]]],[[1,[1,2]]],[[2,[0,1]],[2,[0,2]]]]" ];
      row "fgpartition" [ grid ] objects (grid1 fgpartition) "the cells of each color but the most frequent"
        [ "[[[1,[1,2]]],[[2,[0,1]],[2,[0,2]]]]" ];
      row "frontiers" [ grid ] objects (grid1 frontiers) "the rows and columns of one color"
        [ "[[[0,[0,0]],[0,[1,0]]]]" ];
      row "occurrences" [ grid; at obj "(recolor.indices TWO (initset ORIGIN))" ] indices (Binary occurrences)
        "where the object's upper left corner can be put so that the grid has all its cells" [ "[[0,1],[0,2]]" ];
    ]

open Arc_kinds
open Values

(* {1 Parts of a patch} *)

(* As of the published language, the corners of the empty set are the empty list, which equals no position. *)
let of_places_or_none f =
  Primitive.Unary
    (fun set ->
      match patch set with
      | None -> Nil
      | Some places ->
        look_at (Array.length places);
        f places)

(* What has no answer for the empty set. *)
let of_places f =
  Primitive.Unary
    (fun set ->
      match patch set with
      | None -> fail "an empty set has no place"
      | Some places ->
        look_at (Array.length places);
        f places)

let corner choose =
  of_places_or_none (fun places ->
      let { Cells.top; left; bottom; right } = Cells.box places in
      of_offset (choose ~top ~left ~bottom ~right))

let edge choose = of_places (fun places -> int (choose (Cells.box places)))

(* What is an empty set for the empty set. *)
let set_of_places f =
  Primitive.Unary
    (fun set ->
      match patch set with
      | None -> Sets.empty
      | Some places ->
        look_at (Array.length places);
        Sets.of_positions (f places))

let area { Cells.top; left; bottom; right } = (bottom - top + 1) * (right - left + 1)

let backdrop places =
  allocate (area (Cells.box places));
  Shapes.backdrop places

let ring lines places =
  let { Cells.top; left; bottom; right } = Cells.box places in
  List.iter (fun at -> ignore (place at)) [ (top, left); (bottom, right) ];
  allocate (2 * (bottom - top + right - left + 4));
  Shapes.ring lines places

let frame lines places = Sets.of_positions (ring lines places)
let delta places = Cells.difference (backdrop places) places

(* {1 Sizes} *)

let height_of = function
  | Grid grid -> grid.height
  | (Cons (Cons _, _) | Nil) as rows when not (is_patch rows) -> (grid rows).height
  | set -> begin
    match patch set with
    | None -> 0
    | Some places ->
      let { Cells.top; bottom; _ } = Cells.box places in
      bottom - top + 1
  end

let width_of = function
  | Grid { width; height; _ } -> if height = 0 then fail "a grid without rows has no width" else width
  | (Cons (Cons _, _) | Nil) as rows when not (is_patch rows) -> (grid rows).width
  | set -> begin
    match patch set with
    | None -> 0
    | Some places ->
      look_at (Array.length places);
      let { Cells.left; right; _ } = Cells.box places in
      right - left + 1
  end

let count_of set = Array.length (positions set)
let height value = int (height_of value)
let width value = int (width_of value)
let shape value = of_offset (height_of value, width_of value)
let portrait value = of_bool (height_of value > width_of value)

let square value =
  let height = height_of value and width = width_of value in
  of_bool (height = width && match value with Grid _ -> true | set -> (not (is_set set)) || height * width = count_of set)

let vline set = of_bool (height_of set = count_of set && width_of set = 1)
let hline set = of_bool (width_of set = count_of set && height_of set = 1)

(* {1 Moves and mirrors} *)

let normalize set =
  match patch set with
  | None -> Sets.empty
  | Some places ->
    let { Cells.top; left; _ } = Cells.box places in
    Arc_shift.by (-top, -left) set

(* The image of a set, given its box, within it or reaching as far. *)
let mirrored image set =
  match patch set with
  | None -> fail "an empty set has no place"
  | Some places ->
    let { Cells.top; left; bottom; right } = Cells.box places in
    let reach = max (bottom - top) (right - left) in
    List.iter (fun at -> ignore (place at)) [ (top - reach, left - reach); (bottom + reach, right + reach) ];
    let image row column = image ~top ~left ~bottom ~right row column in
    let made cells = allocate (Array.length cells) in
    like set
      (fun places -> made places; Sets.of_positions (Cells.mapped image places))
      (fun cells -> made cells; Sets.of_colored (Cells.mapped_colored image cells))

let mirror on_grid image value =
  match value with
  | (Cons _ | Nil | Grid _) as value when not (is_patch value) ->
    let grid = grid value in
    allocate (Grid.cells grid);
    of_grid (on_grid grid)
  | set -> mirrored image set

let hmirror =
  mirror Layout.hmirror (fun ~top ~left:_ ~bottom ~right:_ row column -> Cells.position (top + bottom - row) column)

let vmirror =
  mirror Layout.vmirror (fun ~top:_ ~left ~bottom:_ ~right row column -> Cells.position row (left + right - column))

let dmirror =
  mirror Layout.dmirror (fun ~top ~left ~bottom:_ ~right:_ row column -> Cells.position (column - left + top) (row - top + left))

(* Mirrored left and right, then rows and columns exchanged, then mirrored left and right again. *)
let cmirror =
  mirror Layout.cmirror (fun ~top ~left ~bottom ~right row column ->
      Cells.position (right - column + top) (left + bottom - row))

(* {1 Two patches} *)

let both f a b =
  match (patch a, patch b) with
  | Some a, Some b -> f a b
  | _ -> fail "an empty set has no place"

let looked f a b =
  look_at (Array.length a + Array.length b);
  f a b

let matching share a b =
  match (patch a, patch b) with
  | Some a, Some b -> of_bool (looked share a b)
  | _ -> Bool false

let manhattan =
  both (fun a b ->
      look_at (Shapes.distance_work a b);
      int (Shapes.distance a b))

let adjacent a b = of_bool (both (looked Shapes.adjacent) a b)

let gravitate =
  both (fun a b ->
      look_at (42 * (Array.length a + Array.length b));
      of_offset (Shapes.gravitate a b))

let direction = both (looked (fun a b -> of_offset (Shapes.position a b)))

let bordering set value =
  match patch set with
  | None -> fail "an empty set has no place"
  | Some places ->
    let { Cells.top; left; bottom; right } = Cells.box places and grid = grid value in
    of_bool (top = 0 || left = 0 || bottom = grid.height - 1 || right = grid.width - 1)

(* {1 Colors} *)

let counts = function
  | Grid grid -> look_at (Grid.cells grid); Coloring.of_grid grid
  | (Cons (Cons (Int _, (Cons (Int _, _) | Nil)), _)) as rows -> Coloring.of_grid (grid rows)
  | set ->
    let cells = colored set in
    look_at (Array.length cells);
    Coloring.of_cells cells

let chosen choose value =
  let counts = counts value in
  if Coloring.palette counts = [] then fail "nothing has no color" else int (choose counts)

let palette value = Sets.of_array (Array.of_list (List.map int (Coloring.palette (counts value))))
let numcolors value = int (List.length (Coloring.palette (counts value)))
let colorcount value color = int (Coloring.count (counts value) (integer color))

let color_of set =
  match colored set with [||] -> fail "nothing has no color" | cells -> Cells.color cells.(0)

let first_color set = int (color_of set)

let recolor color set =
  let color = integer color in
  if not (Cells.color_fits color) then fail "a color beyond half a million";
  let places = positions set in
  allocate (Array.length places);
  Sets.of_colored (Cells.repainted color places)

let toindices set =
  let places = positions set in
  allocate (Array.length places);
  Sets.of_positions places

let colorfilter container color =
  let color = integer color in
  shaped (Set [||]) (Array.of_list (List.filter (fun set -> color_of set = color) (Array.to_list (items container))))

(* {1 Positions} *)

let neighbors ~straight ~diagonal =
  Primitive.Unary
    (fun at ->
      let row, column = offset at in
      ignore (place (row, column));
      allocate 8;
      Sets.of_positions (Shapes.neighbors ~straight ~diagonal row column))

let line start stop =
  ignore (place start);
  ignore (place stop);
  let (row, column), (row', column') = (start, stop) in
  allocate (max (abs (row - row')) (abs (column - column')));
  Sets.of_positions (Shapes.line start stop)

let connect start stop = line (offset start) (offset stop)

let shoot start direction =
  let row, column = offset start and down, right = offset direction in
  if abs down > Cells.reach || abs right > Cells.reach then fail "a position farther than a million cells away";
  line (row, column) (row + (42 * down), column + (42 * right))

(* Lines as long as a grid can be. *)
let longest = 30
let vfrontier at = let _, column = offset at in line (0, column) (longest - 1, column)
let hfrontier at = let row, _ = offset at in line (row, 0) (row, longest - 1)

(* {1 Periods} *)

(* The least step along an axis after which what is still in the object's box is the object again. *)
let period size coordinate step set =
  match colored set with
  | [||] -> Values.int 0
  | cells ->
    let places = Cells.places cells in
    let { Cells.top; left; _ } = Cells.box places in
    let first = coordinate (Cells.position top left) in
    let size = size (Cells.box places) in
    let repeats p =
      look_at (32 * Array.length cells);
      Array.for_all
        (fun cell -> coordinate (Cells.place cell) - p < first || Cells.mem (step p cell) cells)
        cells
    in
    let rec least p = if p >= size then size else if repeats p then p else least (p + 1) in
    int (least 1)

let back rows columns cell =
  let place = Cells.place cell in
  Cells.colored (Cells.color cell) (Cells.position (Cells.row place - rows) (Cells.column place - columns))

let hperiod = period (fun { Cells.left; right; _ } -> right - left + 1) Cells.column (fun p cell -> back 0 p cell)
let vperiod = period (fun { Cells.top; bottom; _ } -> bottom - top + 1) Cells.row (fun p cell -> back p 0 cell)

(* {1 The table} *)

let table =
  let open Arc_signatures in
  let row ?within name parameters result implementation doc values = family ?within name parameters result implementation ~doc ~values in
  let others = either [ at obj "(shift.object (asobject $0) TWO_BY_ZERO)"; at place_set "(shift.indices (ofcolor $0 TWO) TWO_BY_ZERO)" ] in
  let location = offset "UNITY" in
  List.concat
    [
      row "height" [ piece ] "int" (Unary height) "the number of rows, of a set from its first to its last one"
        [ "2"; "2"; "1" ];
      row "width" [ piece ] "int" (Unary width) "the number of columns, of a set from its first to its last one"
        [ "3"; "2"; "2" ];
      row "shape" [ piece ] position (Unary shape) "height and width" [ "[2,3]"; "[2,2]"; "[1,2]" ];
      row "portrait" [ piece ] "bool" (Unary portrait) "whether the height is greater than the width"
        [ "false"; "false"; "false" ];
      row "square" [ piece ] "bool" (Unary square) "whether it is a full square" [ "false"; "false"; "false" ];
      row "hmirror" [ piece ] "${1}" (Unary hmirror) "top and bottom exchanged, a set within its box"
        [ "[[0,0,1],[0,2,2]]"; "[[1,[0,2]],[2,[1,1]],[2,[1,2]]]"; "[[0,1],[0,2]]" ];
      row "vmirror" [ piece ] "${1}" (Unary vmirror) "left and right exchanged, a set within its box"
        [ "[[2,2,0],[1,0,0]]"; "[[2,[0,1]],[2,[0,2]],[1,[1,1]]]"; "[[0,1],[0,2]]" ];
      row "dmirror" [ piece ] "${1}" (Unary dmirror) "rows and columns exchanged; a set keeps its upper left corner"
        [ "[[0,0],[2,0],[2,1]]"; "[[2,[0,1]],[2,[1,1]],[1,[1,2]]]"; "[[0,1],[1,1]]" ];
      row "cmirror" [ piece ] "${1}" (Unary cmirror)
        "mirrored at the diagonal from the lower left to the upper right; a set keeps its upper left corner" [ "[[1,2],[0,2],[0,0]]"; "[[1,[0,1]],[2,[0,2]],[2,[1,2]]]"; "[[0,1],[1,1]]" ];
      row "shift" [ patch; offset "DOWN" ] "${1}" (Binary Arc_shift.shifted)
        "the set moved, by rows down and columns to the right" [ "[[2,[1,1]],[2,[1,2]],[1,[2,2]]]"; "[[1,1],[1,2]]" ];
      overloads "shift" (Binary Arc_shift.shifted) ~doc:"the set of positions, moved by rows down and columns to the right"
        [
          ( "positions", Printf.sprintf "list(%s) -> %s -> %s" position position indices,
            "(shift.positions (repeat.list UNITY TWO) DOWN)", "[[2,1]]" );
        ];
      row "normalize" [ patch ] "${1}" (Unary normalize) "the set moved so that its first row and column are 0"
        [ "[[2,[0,0]],[2,[0,1]],[1,[1,1]]]"; "[[0,0],[0,1]]" ];
      row "recolor" [ int "THREE"; patch ] object_ (Binary recolor) "the set's positions in one color"
        [ "[[3,[0,1]],[3,[0,2]],[3,[1,2]]]"; "[[3,[0,1]],[3,[0,2]]]" ];
      row "toindices" [ patch ] indices (Unary toindices) "the positions without colors"
        [ "[[0,1],[0,2],[1,2]]"; "[[0,1],[0,2]]" ];
      row "uppermost" [ patch ] "int" (edge (fun box -> box.top)) "the first row" [ "0"; "0" ];
      row "lowermost" [ patch ] "int" (edge (fun box -> box.bottom)) "the last row" [ "1"; "0" ];
      row "leftmost" [ patch ] "int" (edge (fun box -> box.left)) "the first column" [ "1"; "1" ];
      row "rightmost" [ patch ] "int" (edge (fun box -> box.right)) "the last column" [ "2"; "2" ];
      row "ulcorner" [ patch ] position (corner (fun ~top ~left ~bottom:_ ~right:_ -> (top, left)))
        "the upper left corner of the set's box" [ "[0,1]"; "[0,1]" ];
      row "urcorner" [ patch ] position (corner (fun ~top ~left:_ ~bottom:_ ~right -> (top, right)))
        "the upper right corner of the set's box" [ "[0,2]"; "[0,2]" ];
      row "llcorner" [ patch ] position (corner (fun ~top:_ ~left ~bottom ~right:_ -> (bottom, left)))
        "the lower left corner of the set's box" [ "[1,1]"; "[0,1]" ];
      row "lrcorner" [ patch ] position (corner (fun ~top:_ ~left:_ ~bottom ~right -> (bottom, right)))
        "the lower right corner of the set's box" [ "[1,2]"; "[0,2]" ];
      row "center" [ patch ] position (of_places (fun places -> of_offset (Shapes.center places)))
        "the middle of the set's box; of even sizes the position after it" [ "[1,2]"; "[0,2]" ];
      row "centerofmass" [ patch ] position (of_places_or_none (fun places -> of_offset (Shapes.center_of_mass places)))
        "the mean row and column, rounded down" [ "[0,1]"; "[0,1]" ];
      row "vline" [ patch ] "bool" (Unary vline) "whether it is a full vertical line" [ "false"; "false" ];
      row "hline" [ patch ] "bool" (Unary hline) "whether it is a full horizontal line" [ "false"; "true" ];
      row "hmatching" [ patch; others ] "bool" (Binary (matching Shapes.share_row)) "whether the sets share a row"
        [ "false"; "false"; "false"; "false" ];
      row "vmatching" [ patch; others ] "bool" (Binary (matching Shapes.share_column)) "whether the sets share a column"
        [ "true"; "true"; "true"; "true" ];
      row "manhattan" [ patch; others ] "int" (Binary manhattan) "the least distance, by rows and columns, of two cells"
        [ "1"; "1"; "2"; "2" ];
      row "adjacent" [ patch; others ] "bool" (Binary adjacent) "whether that distance is 1"
        [ "true"; "true"; "false"; "false" ];
      row "gravitate" [ patch; others ] position (Binary gravitate)
        "how to move the first set, along columns if they share one, else along rows, until it is adjacent; 42 steps if it never is" [ "[0,0]"; "[0,0]"; "[1,0]"; "[1,0]" ];
      row "position" [ patch; others ] position (Binary direction)
        "in which direction from the first center the second is; LEFT for the same" [ "[1,-1]"; "[1,0]"; "[1,-1]"; "[1,0]" ];
      row "bordering" [ patch; grid ] "bool" (Binary bordering) "whether the set touches an edge of the grid"
        [ "true"; "true" ];
      row "mostcolor" [ element ] "int" (Unary (chosen Coloring.most)) "the most frequent color, of several the least"
        [ "0"; "2" ];
      row "leastcolor" [ element ] "int" (Unary (chosen Coloring.least))
        "the least frequent color that occurs, of several the least" [ "1"; "1" ];
      row "palette" [ element ] "set(int)" (Unary palette) "the colors that occur" [ "[0,1,2]"; "[1,2]" ];
      row "numcolors" [ element ] "int" (Unary numcolors) "how many colors occur" [ "3"; "2" ];
      row "colorcount" [ element; int "TWO" ] "int" (Binary colorcount) "how many cells have the color" [ "2"; "2" ];
      row "color" [ obj ] "int" (Unary first_color) "the color of the first cell, in the order of rows" [ "2" ];
      row "colorfilter" [ only objects "(fgpartition $0)"; int "TWO" ] objects (Binary colorfilter)
        "the objects whose first cells have the color" [ "[[[2,[0,1]],[2,[0,2]]]]" ];
      row "corners" [ patch ] indices (set_of_places Shapes.corners) "the corners of the set's box"
        [ "[[0,1],[0,2],[1,1],[1,2]]"; "[[0,1],[0,2]]" ];
      row "backdrop" [ patch ] indices (set_of_places backdrop) "all positions of the set's box"
        [ "[[0,1],[0,2],[1,1],[1,2]]"; "[[0,1],[0,2]]" ];
      row "delta" [ patch ] indices (set_of_places delta) "the positions of the set's box that are not in it"
        [ "[[1,1]]"; "[]" ];
      row "box" [ patch ] indices (set_of_places (ring 0)) "the frame of the set's box"
        [ "[[0,1],[0,2],[1,1],[1,2]]"; "[[0,1],[0,2]]" ];
      row "inbox" [ patch ] indices (of_places (frame (-1)))
        "the frame a line inside the set's box; of a box too small, that of its corners moved inward"
        [ "[[0,1],[0,2],[1,1],[1,2]]"; "[[-1,1],[-1,2],[0,1],[0,2],[1,1],[1,2]]" ];
      row "outbox" [ patch ] indices (of_places (frame 1)) "the frame a line outside the set's box"
        [ "[[-1,0],[-1,1],[-1,2],[-1,3],[0,0],[0,3],[1,0],[1,3],[2,0],[2,1],[2,2],[2,3]]"; "[[-1,0],[-1,1],[-1,2],[-1,3],[0,0],[0,3],[1,0],[1,1],[1,2],[1,3]]" ];
      row "neighbors" [ location ] indices (neighbors ~straight:true ~diagonal:true) "the eight positions around one"
        [ "[[0,0],[0,1],[0,2],[1,0],[1,2],[2,0],[2,1],[2,2]]" ];
      row "dneighbors" [ location ] indices (neighbors ~straight:true ~diagonal:false) "the four positions beside one"
        [ "[[0,1],[1,0],[1,2],[2,1]]" ];
      row "ineighbors" [ location ] indices (neighbors ~straight:false ~diagonal:true)
        "the four positions diagonal to one" [ "[[0,0],[0,2],[2,0],[2,2]]" ];
      row "connect" [ offset "ORIGIN"; offset "TWO_BY_TWO" ] indices (Binary connect)
        "the line between two positions of a row, a column or a diagonal; else empty" [ "[[0,0],[1,1],[2,2]]" ];
      row ~within:"size.set" "shoot" [ offset "ORIGIN"; offset "UNITY" ] indices (Binary shoot)
        "the line from a position on, 42 steps in a direction" [ "43" ];
      row ~within:"size.set" "vfrontier" [ location ] indices (Unary vfrontier) "the position's column, rows 0 to 29"
        [ "30" ];
      row ~within:"size.set" "hfrontier" [ location ] indices (Unary hfrontier) "the position's row, columns 0 to 29"
        [ "30" ];
      row "hperiod" [ obj ] "int" (Unary hperiod) "after how many columns the object repeats, its width if it does not"
        [ "2" ];
      row "vperiod" [ obj ] "int" (Unary vperiod) "after how many rows the object repeats, its height if it does not"
        [ "2" ];
    ]

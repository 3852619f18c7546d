type meaning =
  | Change of (Image.t -> Image.t)
  | Split of (Image.t -> Image.t array)
  | Choose of (Image.t array -> Image.t)
  | Select of (Image.t array -> Image.t array)
  | Fit of (Image.t -> Image.t -> Image.t)

type t = { name : string; arguments : int list; meaning : meaning; cost : int; doc : string }

let prefix = "grid_"
let usual_cost = 10

let change ?(cost = usual_cost) ?(arguments = []) name doc f = { name = prefix ^ name; arguments; meaning = Change f; cost; doc }
let split ?(cost = usual_cost) ?(arguments = []) name doc f = { name = prefix ^ name; arguments; meaning = Split f; cost; doc }
let choose ?(cost = usual_cost) ?(arguments = []) name doc f = { name = prefix ^ name; arguments; meaning = Choose f; cost; doc }
let select ?(cost = usual_cost) ?(arguments = []) name doc f = { name = prefix ^ name; arguments; meaning = Select f; cost; doc }
let fit ?(cost = usual_cost) ?(arguments = []) name doc f = { name = prefix ^ name; arguments; meaning = Fit f; cost; doc }
let range first last = List.init (last - first + 1) (fun i -> first + i)

let colors =
  let open Recoloring in
  let for_each name doc colors f =
    List.map (fun c -> change ~arguments:[ c ] name doc (f c)) colors
  in
  for_each "keep" "only the cells of a color" (range 1 9) keep
  @ for_each "erase" "without the cells of a color" (range 1 9) erase
  @ for_each "paint" "every cell that is not 0 in a color" (range 1 9) paint
  @ [
      change "zeros" "the zero cells, in color 1" zeros;
      change "keep_majority" "only the cells of the most frequent color" only_majority;
      change "erase_majority" "without the cells of the most frequent color" without_majority;
      change "paint_majority" "every cell that is not 0 in the most frequent color" in_majority;
      change "keep_minority" "only the cells of the least frequent color" only_minority;
      change "paint_minority" "every cell that is not 0 in the least frequent color" in_minority;
      change "exchange" "the only two colors exchanged" exchanged;
    ]

let frames =
  let open Framing in
  let counted name doc count =
    List.map
      (fun (shape, shape_name) ->
        change (Printf.sprintf "%s_%s" name shape_name) (Printf.sprintf "a %s with a side as long as the number of %s" shape_name doc) (measure count shape))
      [ (`Square, "square"); (`Row, "row"); (`Column, "column") ]
  in
  [
    change "crop" "the smallest rectangle with all cells that are not 0" crop;
    change "drop_empty" "without rows and columns of zeros" without_empty_lines;
    change "drop_repeats" "one row or column for each run of equal ones" without_repeated_lines;
    change ~cost:1 "origin" "moved to the origin" to_origin;
    change "hull" "the same rectangle, all of color 1" (blank_here 1);
    change "hull_0" "the same rectangle, all of color 0" (blank_here 0);
    change "size" "a rectangle of this size at the origin, all of color 1" (blank_at_origin 1);
    change "size_0" "a rectangle of this size at the origin, all of color 0" (blank_at_origin 0);
    change "corner" "its first cell, in the most frequent color" corner;
    change "majority_cell" "a cell of the most frequent color" majority_cell;
    change "minority_cell" "a cell of the least frequent color" minority_cell;
    change "center" "its one, two or four cells in the middle, in the most frequent color" center;
    change "top" "the upper half" (half `Top); change "bottom" "the lower half" (half `Bottom);
    change "left" "the left half" (half `Left); change "right" "the right half" (half `Right);
    change "hull_majority" "the same rectangle, all of the most frequent color" (fun image -> blank_here (max 1 (Image.majority image)) image);
    change "rows_sorted" "the rows, those with fewest cells that are not 0 first" rows_sorted;
    change "trim" "without the outermost rows and columns" trim;
  ]
  @ counted "filled" "cells that are not 0" Image.filled
  @ counted "colors" "colors" Image.colors
  @ counted "parts" "connected parts" Choosing.parts
  @ List.concat_map
      (fun rows ->
        List.filter_map
          (fun columns ->
            if rows = 0 && columns = 0 then None
            else
              Some
                (change ~arguments:[ rows; columns ] "shift" "moved by so many rows and columns" (shift rows columns)))
          (range (-2) 2))
      (range (-2) 2)

let shapes =
  let open Outlines in
  [
    change "fill" "enclosed zero cells filled with the most frequent color" fill;
    change "holes" "only the enclosed zero cells, in the most frequent color" holes;
    change "inner" "the cells that do not touch the outside" inner;
    change "border" "the cells that touch the outside" border;
    change "ring" "the zero cells beside and around the others, in color 1" (ring ~diagonal:true);
    change "ring_4" "the zero cells beside the others, in color 1" (ring ~diagonal:false);
    change "frame" "one row and column more at each side, in color 1" (frame 1);
    change "frame_majority" "one row and column more at each side, in the most frequent color" frame_in_majority;
    change "frame_0" "one row and column more at each side, of zeros" enlarged;
    change "connect_rows" "equal colors of a row joined" (Rays.connect ~rows:true ~columns:false);
    change "connect_columns" "equal colors of a column joined" (Rays.connect ~rows:false ~columns:true);
    change "connect" "equal colors of a row or column joined" (Rays.connect ~rows:true ~columns:true);
    change "connect_diagonals" "equal colors on a diagonal joined" Rays.connect_diagonals;
    change "ring_alike" "the zero cells beside and around the others, in the color that they touch" (ring_alike ~diagonal:true);
    change "fill_alike" "enclosed zero cells filled with the color to their left" fill_alike;
    change "drop_specks" "without cells that touch no other of their color" without_specks;
    change "fall_down" "every cell fallen down" (Rays.fall (1, 0)); change "fall_up" "every cell fallen up" (Rays.fall (-1, 0));
    change "fall_left" "every cell fallen to the left" (Rays.fall (0, -1));
    change "fall_right" "every cell fallen to the right" (Rays.fall (0, 1));
    change "repair" "zero cells as in the mirror images, about the axes that the others agree with" Repairing.by_symmetry;
    change "spread" "every color grown into the zero cells, side by side" (Rays.spread ~diagonal:false);
    change "spread_8" "every color grown into the zero cells, diagonally too" (Rays.spread ~diagonal:true);
  ]

let directions =
  let n = (-1, 0) and s = (1, 0) and w = (0, -1) and e = (0, 1) in
  let nw = (-1, -1) and ne = (-1, 1) and sw = (1, -1) and se = (1, 1) in
  [
    ("up", [ n ]); ("down", [ s ]); ("left", [ w ]); ("right", [ e ]); ("vertical", [ n; s ]); ("horizontal", [ w; e ]);
    ("cross", [ n; s; w; e ]); ("up_left", [ nw ]); ("up_right", [ ne ]); ("down_left", [ sw ]); ("down_right", [ se ]);
    ("falling", [ nw; se ]); ("rising", [ sw; ne ]); ("diagonal", [ nw; ne; sw; se ]); ("star", [ n; s; w; e; nw; ne; sw; se ]);
  ]

let symmetries =
  let open Symmetries in
  [
    change "rows_reversed" "upside down" rows_reversed; change "columns_reversed" "left for right" columns_reversed;
    change "half_turn" "turned by 180 degrees" half_turn; change "transposed" "rows for columns" transposed;
    change "antitransposed" "rows for columns, along the other diagonal" antitransposed;
    change "turned_right" "turned by 90 degrees to the right" turned_right;
    change "turned_left" "turned by 90 degrees to the left" turned_left;
    change "complete_rows" "zero cells as in the image upside down" (completed [ rows_reversed ]);
    change "complete_columns" "zero cells as in the image left for right" (completed [ columns_reversed ]);
    change "complete_both" "zero cells as in the image upside down, left for right and turned" (completed [ rows_reversed; columns_reversed; half_turn ]);
    change "complete_all" "zero cells as in any of the image's symmetric forms" (completed [ transposed; rows_reversed; columns_reversed; half_turn; turned_left; turned_right; antitransposed ]);
  ]
  @ List.map (fun (name, directions) -> change ("smear_" ^ name) ("colors extended through zero cells: " ^ name) (Rays.smear directions)) directions

let hidden =
  List.concat_map
    (fun c ->
      [
        change ~arguments:[ c ] "hidden" "what a color covers, as the mirror images of the rest have it" (Repairing.hidden Repairing.by_symmetry c);
        change ~arguments:[ c ] "hidden_period" "what a color covers, as the smallest period of the rest has it" (Repairing.hidden Repairing.by_period c);
      ])
    (range 1 9)

let enlargements =
  let open Tiling in
  [
    change "self_tensor" "a copy of itself for each of its cells that is not 0" self_tensor;
    change "inverse_tensor" "a copy of itself for each of its zero cells" inverse_tensor;
    change "majority_tensor" "a copy of itself for each of its cells of the most frequent color" majority_tensor;
    change "minority_tensor" "a copy of itself for each of its cells of the least frequent color" minority_tensor;
  ]

let fits =
  let open Tiling in
  [
    fit ~cost:3 "embed" "what lies on the canvas" Image.embed; fit "broadcast" "enlarged or reduced to the canvas" broadcast;
    fit "wrap" "its cells, row by row" wrap; fit "wrap_filled" "its cells that are not 0, row by row" wrap_filled;
    fit "tile" "repeated" (tile ~gap:0 ~mirrored:false); fit "tile_gap" "repeated, with lines of zeros between" (tile ~gap:1 ~mirrored:false);
    fit "mirror" "repeated and mirrored" (tile ~gap:0 ~mirrored:true);
    fit "mirror_gap" "repeated and mirrored, with lines of zeros between" (tile ~gap:1 ~mirrored:true);
    fit "periodic" "repeated with the smallest period that its cells that are not 0 have" periodic_with;
  ]

let splits =
  let open Splitting in
  let both name doc f = [ split name doc f; split (name ^ "_0") (doc ^ ", moved to the origin") (fun image -> at_origins (f image)) ] in
  [
    split "parts" "the connected parts" (connected ~diagonal:true ~alike:false);
    split "parts_4" "the parts connected side by side" (connected ~diagonal:false ~alike:false);
    split "parts_alike" "the connected parts of one color" (connected ~diagonal:true ~alike:true);
    split "regions" "the connected regions of one color, 0 too" regions;
    split "by_color" "the cells of each color" by_color;
    split "columns" "the columns" columns; split "rows" "the rows" rows;
    split "between_corners" "the rectangles between four equal corners" between_corners;
    split "blocks" "what empty rows and columns separate" blocks;
    split "squares" "the squares of which it is made" squares;
    split "fallen_down" "the connected parts, fallen down" (fallen (1, 0)); split "fallen_up" "the connected parts, fallen up" (fallen (-1, 0));
    split "fallen_left" "the connected parts, fallen to the left" (fallen (0, -1));
    split "fallen_right" "the connected parts, fallen to the right" (fallen (0, 1));
  ]
  @ both "between_lines" "what lines of one color separate" between_lines
  @ both "halves" "the left and the right half" (halves true)
  @ both "halves_down" "the upper and the lower half" (halves false)

let choices =
  let open Choosing in
  List.concat_map
    (fun (name, by, doc) ->
      [
        choose ("most_" ^ name) ("the first image with most: " ^ doc) (first_best by);
        choose ("least_" ^ name) ("the first image with least: " ^ doc) (first_best (fun image -> -by image));
      ])
    criteria
  @ [
      choose "unlike" "the image unlike the others" unlike; choose "most_common" "the image of which there are most copies" most_common;
      choose "least_common" "the image of which there are fewest copies" least_common;
      choose "first_image" "the first image" first; choose "last_image" "the last image" last;
    ]

let selections =
  let open Choosing in
  List.concat_map
    (fun (name, by, doc) ->
      [
        select ("all_most_" ^ name) ("all images with most: " ^ doc) (all_best by);
        select ("all_least_" ^ name) ("all images with least: " ^ doc) (all_best (fun image -> -by image));
        select ("but_most_" ^ name) ("all images but those with most: " ^ doc) (all_but_best by);
        select ("but_least_" ^ name) ("all images but those with least: " ^ doc) (all_but_best (fun image -> -by image));
      ])
    criteria

let joins =
  let open Joining in
  [
    choose ~cost:4 "stack" "the first on top" Image.stack; choose "smallest_on_top" "by size, the smallest on top" smallest_on_top;
    choose "largest_on_top" "by size, the largest on top" largest_on_top;
    choose "in_line" "beside each other, along the direction in which they lie" in_line;
    choose "as_row" "beside each other" as_row; choose "as_column" "below each other" as_column;
    choose "by_size_as_row" "beside each other, the largest first" by_size_as_row;
    choose "by_size_as_column" "below each other, the largest first" by_size_as_column;
    choose "union" "what is in any, places left aside" union; choose "common" "what is in all, places left aside" common;
    choose "exclusive" "what is in just one, places left aside" exclusive; choose "uncovered" "what is in none, in color 1" uncovered;
    choose "only_first" "what is in the first alone" only_first; choose "majority_vote" "the most frequent color at each place" majority_vote;
    choose "table" "a cell for each image, as they lie in rows and columns" table;
    choose "tally" "a cell for each image, the largest first" (tally Image.filled);
    choose "how_many" "a row as long as there are images" how_many;
  ]

let listed =
  colors @ frames @ shapes @ symmetries @ hidden @ enlargements @ fits @ splits @ choices @ selections @ joins

(* By how often solutions of training tasks of ARC-AGI-1 use a family of operations, each of its members as often. *)
let costs =
  [
    (6, "zeros crop size_0 hull_majority fill border ring ring_4 connect_rows connect drop_specks smear_up smear_diagonal broadcast tile tile_gap mirror periodic between_lines");
    (7, "keep_majority keep_minority drop_repeats rows_sorted ring_alike spread columns_reversed half_turn transposed complete_rows smear_down smear_left smear_right smear_vertical smear_horizontal smear_cross smear_up_left smear_down_right parts parts_alike halves halves_down uncovered");
    (8, "paint bottom trim filled_row frame_majority connect_columns connect_diagonals fall_right repair rows_reversed complete_columns smear_up_right self_tensor parts_4 regions by_color columns rows squares exclusive table");
    (9, "erase_majority exchange drop_empty corner minority_cell right filled_column holes frame fall_left spread_8 turned_left complete_all smear_down_left smear_rising smear_star halves_0 most_symmetric union");
    (10, "keep paint_minority hull center top colors_square parts_square frame_0 fall_down fall_up antitransposed turned_right majority_tensor wrap wrap_filled mirror_gap blocks halves_down_0 most_right least_right most_sparse most_hollow least_symmetric unlike most_common all_most_low common");
    (11, "erase");
    (13, "shift hidden_period");
    (14, "paint_majority hull_0 size majority_cell left filled_square colors_row colors_column parts_row parts_column inner fill_alike complete_both smear_falling inverse_tensor minority_tensor between_corners fallen_down fallen_up fallen_left fallen_right between_lines_0 most_filled least_filled most_area least_area most_colorful least_colorful most_low least_low most_split least_split least_sparse least_hollow least_common first_image last_image all_most_filled all_least_filled but_most_filled but_least_filled all_most_area all_least_area but_most_area but_least_area all_most_colorful all_least_colorful but_most_colorful but_least_colorful all_least_low but_most_low but_least_low all_most_right all_least_right but_most_right but_least_right all_most_split all_least_split but_most_split but_least_split all_most_sparse all_least_sparse but_most_sparse but_least_sparse all_most_hollow all_least_hollow but_most_hollow but_least_hollow all_most_symmetric all_least_symmetric but_most_symmetric but_least_symmetric smallest_on_top largest_on_top in_line as_row as_column by_size_as_row by_size_as_column only_first majority_vote tally how_many hidden");
  ]

let all =
  let cost_of = Hashtbl.create 256 in
  List.iter
    (fun (cost, names) -> List.iter (fun name -> Hashtbl.replace cost_of (prefix ^ name) cost) (String.split_on_char ' ' names))
    costs;
  List.map (fun operation -> { operation with cost = Option.value ~default:operation.cost (Hashtbl.find_opt cost_of operation.name) }) listed

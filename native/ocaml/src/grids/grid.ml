type t = { height : int; width : int; cells : string }

let make ~height ~width cells =
  if height < 0 || width < 0 || String.length cells <> height * width then invalid_arg "Grid.make";
  { height; width; cells }

let init ~height ~width color =
  make ~height ~width (String.init (height * width) (fun i -> Char.chr (color (i / width) (i mod width))))

let[@inline] at grid row column = Char.code (String.unsafe_get grid.cells ((row * grid.width) + column))
let cells grid = String.length grid.cells
let equal a b = a.height = b.height && a.width = b.width && String.equal a.cells b.cells

let compare a b =
  match Int.compare a.height b.height with
  | 0 -> begin match Int.compare a.width b.width with 0 -> String.compare a.cells b.cells | order -> order end
  | order -> order

let hash grid = Hashtbl.hash (grid.height, grid.width, grid.cells)

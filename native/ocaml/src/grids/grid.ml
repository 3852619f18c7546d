type t = { height : int; width : int; cells : string }

let least = -128
let greatest = 127

let make ~height ~width cells =
  if height < 0 || width < 0 || String.length cells <> height * width then invalid_arg "Grid.make";
  { height; width = (if height = 0 then 0 else width); cells }

let of_bytes ~height ~width bytes = make ~height ~width (Bytes.unsafe_to_string bytes)
let[@inline] byte color = Char.unsafe_chr (color land 255)
let[@inline] color byte = (Char.code byte lxor 128) - 128
let init ~height ~width color = make ~height ~width (String.init (height * width) (fun i -> byte (color (i / width) (i mod width))))
let[@inline] at grid row column = color (String.unsafe_get grid.cells ((row * grid.width) + column))
let cells grid = String.length grid.cells
let equal a b = a.height = b.height && a.width = b.width && String.equal a.cells b.cells

let compare a b =
  match Int.compare a.height b.height with
  | 0 -> begin match Int.compare a.width b.width with 0 -> String.compare a.cells b.cells | order -> order end
  | order -> order

let hash grid = Hashtbl.hash (grid.height, grid.width, grid.cells)

let largest_side = 30
let is_side n = n >= 1 && n <= largest_side

let is_of_task grid =
  is_side grid.height && is_side grid.width && String.for_all (fun byte -> color byte <= 9 && color byte >= 0) grid.cells

open Image

let moved image height width source =
  let bytes = Bytes.create (height * width) in
  for y = 0 to height - 1 do
    for x = 0 to width - 1 do
      set bytes ((y * width) + x) (at image (source y x))
    done
  done;
  of_bytes ~row:image.row ~column:image.column ~height ~width bytes

let rows_reversed image =
  let h = height image and w = width image in
  moved image h w (fun y x -> ((h - 1 - y) * w) + x)

let columns_reversed image =
  let h = height image and w = width image in
  moved image h w (fun y x -> (y * w) + (w - 1 - x))

let half_turn image =
  let last = cells image - 1 and w = width image in
  moved image (height image) w (fun y x -> last - ((y * w) + x))

let transposed image =
  let w = width image in
  moved image w (height image) (fun y x -> (x * w) + y)

let antitransposed image =
  let h = height image and w = width image in
  moved image w h (fun y x -> ((h - 1 - x) * w) + (w - 1 - y))

let turned_right image =
  let h = height image and w = width image in
  moved image w h (fun y x -> ((h - 1 - x) * w) + y)

let turned_left image =
  let w = width image in
  moved image w (height image) (fun y x -> (x * w) + (w - 1 - y))

(* Zero cells take the color of their mirror images. *)
let completed mirrors image =
  let bytes = copy image in
  List.iter
    (fun mirror ->
      let other = mirror image in
      if height other <> height image || width other <> width image then fails ();
      for i = 0 to cells image - 1 do
        if Bytes.unsafe_get bytes i = '\000' then set bytes i (at other i)
      done)
    mirrors;
  like image bytes

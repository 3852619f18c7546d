open Image

let keep color image = recolor image (fun c -> if c = color then c else 0)
let erase color image = recolor image (fun c -> if c = color then 0 else c)
let paint color image = recolor image (fun c -> if c = 0 then 0 else color)
let zeros image = recolor image (fun c -> if c = 0 then 1 else 0)
let swap a b image = recolor image (fun c -> if c = a then b else if c = b then a else c)

let only_majority image =
  let most = majority image in
  recolor image (fun c -> if c = most then c else 0)

let without_majority image =
  let most = majority image in
  recolor image (fun c -> if c = most then 0 else c)

let in_majority image =
  let most = majority image in
  recolor image (fun c -> if c = 0 then 0 else most)

let least image =
  let counts = counts image in
  let best = ref 0 in
  for color = 1 to 255 do
    if counts.(color) > 0 && (!best = 0 || counts.(color) < counts.(!best)) then best := color
  done;
  !best

let in_minority image =
  let least = least image in
  recolor image (fun c -> if c = 0 then 0 else least)

let only_minority image =
  let least = least image in
  recolor image (fun c -> if c = least then c else 0)

let exchanged image =
  match (majority image, least image) with
  | a, b when a <> b && colors image = 2 -> swap a b image
  | _ -> fails ()

open Image

let zeros_within image = cells image - filled image
let parts image = match Splitting.connected ~diagonal:true ~alike:false image with parts -> Array.length parts | exception Fails -> 0

let enclosed image =
  let outside = Outlines.outside image ~diagonal:false in
  let found = ref 0 in
  for i = 0 to cells image - 1 do
    if at image i = 0 && not (Outlines.is_set outside i) then incr found
  done;
  !found

let symmetric image =
  let fits mirror = if Grid.equal (mirror image).grid image.grid then 1 else 0 in
  fits Symmetries.rows_reversed + fits Symmetries.columns_reversed + fits Symmetries.transposed

let criteria =
  [
    ("filled", filled, "cells that are not 0"); ("area", cells, "cells"); ("colorful", colors, "colors");
    ("low", (fun image -> image.row + height image), "lower edge"); ("right", (fun image -> image.column + width image), "right edge");
    ("split", parts, "connected parts"); ("sparse", zeros_within, "zero cells"); ("hollow", enclosed, "enclosed cells");
    ("symmetric", symmetric, "symmetries");
  ]

let scores by images = Array.map by images
let best scores = Array.fold_left max min_int scores

let first_best by images =
  let scores = scores by images in
  let best = best scores in
  let rec find i = if scores.(i) = best then images.(i) else find (i + 1) in
  find 0

let filter test images =
  match List.filteri (fun i _ -> test i) (Array.to_list images) with [] -> fails () | kept -> Array.of_list kept

let all_best by images =
  let scores = scores by images in
  let best = best scores in
  filter (fun i -> scores.(i) = best) images

let all_but_best by images =
  let scores = scores by images in
  let best = best scores in
  filter (fun i -> scores.(i) <> best) images

(* {1 The one unlike the others} *)

let silhouette image = Recoloring.paint 1 image
let shape_hash image = hash ~seed:7 (Framing.to_origin (silhouette image))

let palette image =
  let counts = counts image in
  let set = ref 0 in
  for color = 0 to 15 do
    if counts.(color) > 0 then set := !set lor (1 lsl color)
  done;
  !set

let features image =
  [|
    palette image; filled image; shape_hash image; (height image * 64) + width image;
    hash ~seed:9 (Framing.to_origin image); enclosed image; symmetric image;
  |]

let unlike images =
  if Array.length images < 2 then fails ();
  let features = Array.map features images in
  let count = Array.length images in
  let likeness i =
    let alike = ref 0 in
    Array.iteri (fun k feature ->
        let same = ref 0 in
        for j = 0 to count - 1 do
          if features.(j).(k) = feature then incr same
        done;
        if !same = 1 && count > 2 then alike := !alike - 1) features.(i);
    !alike
  in
  let likeness = Array.init count likeness in
  let least = Array.fold_left min max_int likeness in
  match List.filter (fun i -> likeness.(i) = least) (List.init count Fun.id) with
  | [ only ] -> images.(only)
  | _ -> fails ()

(* Images that are equal up to their place: how many of each. *)
let copies images image = Array.fold_left (fun n other -> if Grid.equal other.grid image.grid then n + 1 else n) 0 images
let most_common images = first_best (copies images) images
let least_common images = first_best (fun image -> -copies images image) images
let first images = images.(0)
let last images = images.(Array.length images - 1)

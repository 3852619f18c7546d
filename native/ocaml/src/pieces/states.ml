type value = One of Image.t array | Many of Image.t array array
type t = { cost : int; origin : origin; value : value }
and given = Input | Canvas
and origin = Given of given | Made of Operations.t * t

module Seen = struct
  type t = { mutable slots : int array; mutable count : int }

  let create () = { slots = Array.make 4096 0; count = 0 }

  let rec insert slots mask key i =
    let here = Array.unsafe_get slots i in
    if here = 0 then begin
      Array.unsafe_set slots i key;
      true
    end
    else if here = key then false
    else insert slots mask key ((i + 1) land mask)

  let grow seen =
    let slots = Array.make (4 * Array.length seen.slots) 0 in
    let mask = Array.length slots - 1 in
    Array.iter (fun key -> if key <> 0 then ignore (insert slots mask key (key land mask))) seen.slots;
    seen.slots <- slots

  (* Whether the key is new. *)
  let add seen key =
    let key = if key = 0 then 1 else key in
    if 2 * seen.count > Array.length seen.slots then grow seen;
    let mask = Array.length seen.slots - 1 in
    let is_new = insert seen.slots mask key (key land mask) in
    if is_new then seen.count <- seen.count + 1;
    is_new
end

let hash_images seed images = Array.fold_left (fun seed image -> Image.hash ~seed image) seed images

let hash = function
  | One images -> hash_images 17 images
  | Many lists -> Array.fold_left (fun seed images -> hash_images (Image.mix seed (Array.length images)) images) 31 lists

let word_size = 62
let words count = (count + word_size - 1) / word_size
let create count = Array.make (words count) 0
let[@inline] add bits i = bits.(i / word_size) <- bits.(i / word_size) lor (1 lsl (i mod word_size))

let full count =
  let bits = create count in
  for i = 0 to count - 1 do
    add bits i
  done;
  bits

let[@inline] ones x =
  let x = x - ((x lsr 1) land 0x1555555555555555) in
  let x = (x land 0x3333333333333333) + ((x lsr 2) land 0x3333333333333333) in
  let x = (x + (x lsr 4)) land 0x0F0F0F0F0F0F0F0F in
  (* The sum of the eight bytes stands in the highest, which is one bit short: no sum exceeds 62. *)
  ((x * 0x0101010101010101) lsr 56) land 0x7F

let is_empty bits = Array.for_all (fun word -> word = 0) bits
let count bits = Array.fold_left (fun n word -> n + ones word) 0 bits

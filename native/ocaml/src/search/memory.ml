let most_words = ref max_int
let bound ~mebibytes = most_words := mebibytes * 1024 * 1024 / (Sys.word_size / 8)
let heap_words () = (Gc.quick_stat ()).heap_words

(* The heap grows by blocks, so it is looked at once in so many times. *)
let interval = 1024
let asked = ref 0

let is_full () = heap_words () > !most_words

let is_exceeded () =
  incr asked;
  !asked land (interval - 1) = 0 && is_full ()

let is_crowded () = heap_words () > !most_words / 2

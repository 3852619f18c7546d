open Values

type number = int

(* Small integers are their own numbers, shifted; an odd number is a position in [values]. *)
type t = {
  mutable values : Values.t array;
  mutable hashes : int array;
  mutable count : int;
  mutable table : int array;  (* positions by hash, 0 where there is none *)
  mutable largest : int;
  mutable room : int;  (* left for the nodes of the value looked up *)
}

exception Too_large

let failed = 1  (* position 0 is never used *)

let create () =
  { values = Array.make 256 Nil; hashes = Array.make 256 0; count = 1; table = Array.make 1024 0; largest = max_int; room = 0 }

let limit store nodes = store.largest <- nodes

(* {1 Small integers} *)

let largest_small = 1 lsl 29
let is_small n = -largest_small < n && n < largest_small
let least_made = -256
let made = Array.init 2048 (fun i -> Int (i + least_made))

let[@inline] small n =
  let i = n - least_made in
  if i >= 0 && i < Array.length made then Array.unsafe_get made i else Int n

let[@inline] value store number =
  if number land 1 = 0 then small (number asr 1) else Array.unsafe_get store.values (number lsr 1)

(* {1 Others} *)

let[@inline] mix hash n =
  let hash = (hash lxor n) * 0x2545F4914F6CDD1D in
  hash lxor (hash lsr 32)

let rec hash_onto store hash = function
  | Cons (first, rest) ->
    store.room <- store.room - 1;
    if store.room < 0 then raise_notrace Too_large;
    hash_onto store (mix (hash_onto store hash first) 3) rest
  | Int n -> mix hash n
  | Nil -> mix hash 5
  | Bool truth -> mix hash (if truth then 7 else 11)
  | Text text -> mix hash (Hashtbl.hash text)
  | Record record -> mix hash record.hash
  | Grid grid -> hash_onto store hash (rows_of grid)
  | Positions cells | Colored cells ->
    store.room <- store.room - Array.length cells;
    if store.room < 0 then raise_notrace Too_large;
    Array.fold_left mix (mix hash 13) cells
  | Set elements -> Array.fold_left (fun hash element -> mix (hash_onto store hash element) 17) (mix hash 19) elements
  | Function _ | Function2 _ | Delayed _ -> invalid_arg "Store: a function"

let grow store =
  let size = 2 * Array.length store.values in
  let extended array filler = Array.append array (Array.make (size - Array.length array) filler) in
  store.values <- extended store.values Nil;
  store.hashes <- extended store.hashes 0;
  let table = Array.make (4 * size) 0 in
  let mask = Array.length table - 1 in
  for position = 1 to store.count - 1 do
    let slot = ref (store.hashes.(position) land mask) in
    while table.(!slot) <> 0 do slot := (!slot + 1) land mask done;
    table.(!slot) <- position
  done;
  store.table <- table

(* The slot of the table that holds the value, or that it belongs in. *)
let rec slot_of store value hash slot =
  let position = Array.unsafe_get store.table slot in
  if position = 0 || (Array.unsafe_get store.hashes position = hash && Values.equal (Array.unsafe_get store.values position) value)
  then slot
  else slot_of store value hash ((slot + 1) land (Array.length store.table - 1))

let add store slot value hash =
  let position = store.count in
  store.values.(position) <- value;
  store.hashes.(position) <- hash;
  store.count <- position + 1;
  store.table.(slot) <- position;
  if store.count = Array.length store.values then grow store;
  (position lsl 1) lor 1

let number_of_other store value =
  store.room <- store.largest;
  let hash = hash_onto store 17 value in
  let slot = slot_of store value hash (hash land (Array.length store.table - 1)) in
  let position = Array.unsafe_get store.table slot in
  if position > 0 then (position lsl 1) lor 1 else add store slot value hash

let[@inline] number_of store = function
  | Int n when is_small n -> n lsl 1
  | value -> number_of_other store value

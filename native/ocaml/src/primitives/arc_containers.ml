open Arc_kinds
open Values

let count = Array.length
let nothing () = fail "there is nothing in it"

(* {1 Sets and lists} *)

let mem value items =
  look_at (count items);
  Array.exists (fun item -> equal item value) items

let contained value container =
  match (container, Sets.packed_position value, Sets.packed_colored value) with
  | Positions places, Some place, _ -> of_bool (Cells.mem place places)
  | Colored cells, _, Some cell -> of_bool (Cells.mem cell cells)
  | (Positions _ | Colored _), _, _ -> Bool false
  | _ -> of_bool (mem value (items container))

let combine a b =
  match (a, b) with
  | Positions a, Positions b -> allocate (count a + count b); Positions (Cells.union a b)
  | Colored a, Colored b -> allocate (count a + count b); Colored (Cells.union a b)
  | set, Set [||] when is_set set -> set
  | _ -> shaped a (Array.append (items a) (items b))

let filtered container keep = shaped container (Array.of_list (List.filter keep (Array.to_list (items container))))

let is_in container =
  let items = items container in
  fun value -> mem value items

let intersection a b =
  match (a, b) with
  | Positions a, Positions b -> allocate (min (count a) (count b)); Sets.of_positions (Cells.intersection a b)
  | Colored a, Colored b -> allocate (min (count a) (count b)); Sets.of_colored (Cells.intersection a b)
  | _ -> filtered a (is_in b)

let difference a b =
  match (a, b) with
  | Positions a, Positions b -> allocate (count a); Sets.of_positions (Cells.difference a b)
  | Colored a, Colored b -> allocate (count a); Sets.of_colored (Cells.difference a b)
  | _ ->
    let is_in = is_in b in
    filtered a (fun value -> not (is_in value))

let insert value set = combine set (Arc_kinds.set [| value |])

let remove value container =
  match (container, Sets.packed_position value, Sets.packed_colored value) with
  | Positions places, Some place, _ -> allocate (count places); Sets.of_positions (Cells.difference places [| place |])
  | Colored cells, _, Some cell -> allocate (count cells); Sets.of_colored (Cells.difference cells [| cell |])
  | _ -> filtered container (fun item -> not (equal item value))

let first container =
  match container with
  | Cons (item, _) -> item
  | Positions places -> Sets.position places.(0)
  | Colored cells -> Sets.colored cells.(0)
  | _ -> begin match items container with [||] -> nothing () | items -> items.(0) end

let last container =
  match container with
  | Cons (_, Cons (item, Nil)) -> item
  | Positions places -> Sets.position places.(count places - 1)
  | Colored cells -> Sets.colored cells.(count cells - 1)
  | _ -> begin match items container with [||] -> nothing () | items -> items.(count items - 1) end

let other container value = first (remove value container)

let size_of = function
  | Positions cells | Colored cells -> count cells
  | Set elements -> count elements
  | Grid grid -> grid.height
  | container -> count (items container)

let size container = int (size_of container)

(* A list of sets, too, is merged to a set, as its published type says. *)
let merged containers =
  let parts = items containers in
  let all_positions = Array.for_all (function Positions _ | Set [||] -> true | _ -> false) parts in
  let all_colored = Array.for_all (function Colored _ | Set [||] -> true | _ -> false) parts in
  let joined of_cells =
    let cells = Array.concat (List.map (function Positions cells | Colored cells -> cells | _ -> [||]) (Array.to_list parts)) in
    allocate (count cells);
    look_at (count cells);
    of_cells (Cells.of_unsorted cells)
  in
  if parts <> [||] && all_positions then joined Sets.of_positions
  else if parts <> [||] && all_colored then joined Sets.of_colored
  else begin
    let elements = Array.concat (List.map items (Array.to_list parts)) in
    if is_set containers || Array.exists is_set parts then set elements else list elements
  end

let dedupe list_ =
  let add reversed item = if List.exists (equal item) reversed then reversed else item :: reversed in
  let items = items list_ in
  Budget.steps (count items * count items / 32);
  list (Array.of_list (List.rev (Array.fold_left add [] items)))

let repeat item times =
  let times = max 0 (integer times) in
  allocate times;
  list (Array.make times item)

let interval start stop step =
  let start = integer start and stop = integer stop and step = integer step in
  if step = 0 then fail "an interval of step zero";
  let length = if step > 0 then (stop - start + step - 1) / step else (start - stop - step - 1) / -step in
  let length = max 0 length in
  allocate length;
  list (Array.init length (fun i -> int (start + (i * step))))

let product a b =
  let a = items a and b = items b in
  allocate (4 * count a * count b);
  set (Array.init (count a * count b) (fun i -> pair a.(i mod count a) b.(i / count a)))

let zipped f a b =
  let a = items a and b = items b in
  list (Array.init (min (count a) (count b)) (fun i -> f a.(i) b.(i)))

(* {1 Choosing} *)

let best better container =
  match items container with
  | [||] -> nothing ()
  | items -> Array.fold_left (fun best item -> if better item best then item else best) items.(0) items

let keyed container f =
  let items = items container in
  allocate (count items);
  Array.map (fun item -> (item, apply f item)) items

(* Sets compare by their sizes: a total order that agrees with inclusion, by which the published language compares. *)
let compare_keys key key' =
  match (key, key') with
  | (Positions _ | Colored _ | Set _), (Positions _ | Colored _ | Set _) -> Int.compare (size_of key) (size_of key')
  | _ -> Sets.compare key key'

let extreme sign keyed =
  let better (_, key) (_, key') = sign * compare_keys key key' > 0 in
  Array.fold_left (fun best item -> if better item best then item else best) keyed.(0) keyed

let argument sign container f = match keyed container f with [||] -> nothing () | keyed -> fst (extreme sign keyed)
let value sign container f = match keyed container f with [||] -> apply f (int 0) | keyed -> snd (extreme sign keyed)
let maximum container = if items container = [||] then int 0 else best (fun a b -> Sets.compare a b > 0) container
let minimum container = if items container = [||] then int 0 else best (fun a b -> Sets.compare a b < 0) container

let common sign container =
  if is_set container then fail "each element of a set is in it once";
  let items = items container in
  if items = [||] then nothing ();
  let sorted = Array.copy items in
  look_at (8 * count items);
  Array.stable_sort Sets.compare sorted;
  let counted = ref [] in
  Array.iter
    (fun item ->
      match !counted with
      | (item', n) :: rest when equal item item' -> counted := (item', n + 1) :: rest
      | counts -> counted := (item, 1) :: counts)
    sorted;
  let choose best item = if sign * Int.compare (snd item) (snd best) > 0 then item else best in
  match List.rev !counted with [] -> nothing () | first :: rest -> fst (List.fold_left choose first rest)

let order container f =
  let sorted = keyed container f in
  look_at (8 * count sorted);
  Array.stable_sort (fun (_, key) (_, key') -> compare_keys key key') sorted;
  list (Array.map fst sorted)

let holds f item = truth (apply f item)
let sfilter container f = filtered container (holds f)
let mfilter container f = merged (sfilter container f)

let extract container f =
  match List.find_opt (holds f) (Array.to_list (items container)) with Some item -> item | None -> fail "none is like that"

let sizefilter container size_ =
  let size_ = integer size_ in
  shaped (Set [||]) (Array.of_list (List.filter (fun item -> size_of item = size_) (Array.to_list (items container))))

(* {1 Functions of elements} *)

let mapped f container = shaped container (Array.map (apply f) (items container))
let mapply f container = merged (mapped f container)

let rapply functions value = shaped functions (Array.map (fun f -> apply f value) (items functions))
let papply f a b = zipped (apply2 f) a b

let prapply f a b =
  let a = items a and b = items b in
  allocate (count a * count b);
  set (Array.init (count a * count b) (fun i -> apply2 f a.(i mod count a) b.(i / count a)))

let totuple container = list (items container)

type operation =
  | Read of int
  | Constant of Values.t
  | Unary of (Values.t -> Values.t)
  | Binary of (Values.t -> Values.t -> Values.t)
  | Ternary of (Values.t -> Values.t -> Values.t -> Values.t)
  | Quaternary of (Values.t -> Values.t -> Values.t -> Values.t -> Values.t)
  | Conditional
  | Unknown
  | Choice
  | Code of Code.t

type environment = {
  types : Types.t list;
  depth : int;
  probes : Probes.t Lazy.t;
  mutable banks : (Types.t * t) list;
  mutable inner : (Types.t list * environment) list;
}

and t = {
  ty : Types.t;
  environment : environment;
  least : int;
  mutable rules : rule array option;
  mutable width : int;
  mutable arity : int;
  mutable count : int;
  mutable values : Bytes.t;
  mutable terms : Bytes.t;
  mutable nodes : Holes.node array;
  mutable table : int array;
  mutable ends : int array;
  mutable costs : int array;
  mutable levels : int;
  mutable filled : int;
  ranked : Ranked.t option;
  place_mask : int;
  mutable marks : Bytes.t;
  mutable heads : runs array;
  mutable excess : int array array;
}

and runs = { mutable at : int array; mutable rows : (int * int) array; mutable length : int }

and rule = {
  head : Holes.head;
  cost : int;
  operation : operation;
  slots : slot array;
  order : int array;
  commutative : bool;
  inverse : Primitive.inverse option;
  role : Primitive.role option;
  varying : int option;
  staged : Primitive.staged option;
  gives : int;
  number : int;
  price : int;
}

and slot = { bank : t; lambdas : int; takes : int; context : int; offsets : int array; least_there : int }

let plain_rule head ~cost operation slots ~order =
  {
    head; cost; operation; slots; order; commutative = false; inverse = None; role = None; varying = None; staged = None;
    gives = 0; number = 0; price = cost;
  }

let make ?ranked ty environment ~least ~place_mask =
  {
    ty; environment; least; rules = None; width = 0; arity = 0; count = 0; values = Bytes.empty; terms = Bytes.empty;
    nodes = [||]; table = [||]; ends = [| 0 |]; costs = [||]; levels = 0; filled = 0;
    ranked; place_mask; marks = Bytes.empty; heads = [||]; excess = [||];
  }

let create = make ?ranked:None ~place_mask:(-1)

let of_ranked ranked ty environment =
  let bank = make ~ranked ty environment ~least:1 ~place_mask:0 in
  bank.rules <- Some [||];
  bank.width <- 1;
  bank

let first_capacity = 8

let least_of { bank; offsets; least_there; _ } = if Array.length offsets = 0 then bank.least else least_there

let expand ?(excess = [||]) bank rules =
  bank.excess <- excess;
  bank.heads <- Array.map (fun _ -> { at = [||]; rows = [||]; length = 0 }) excess;
  bank.rules <- Some rules;
  bank.width <- Probes.count (Lazy.force bank.environment.probes);
  bank.arity <- Array.fold_left (fun arity rule -> max arity (Array.length rule.slots)) 0 rules;
  bank.table <- Array.make (if bank.width = 0 then 0 else 2 * first_capacity) 0

(* {1 Words of 32 bits} *)

external get_word : Bytes.t -> int -> int32 = "%caml_bytes_get32u"
external set_word : Bytes.t -> int -> int32 -> unit = "%caml_bytes_set32u"

let[@inline] get bytes position = Int32.to_int (get_word bytes (position lsl 2))
let[@inline] set bytes position word = set_word bytes (position lsl 2) (Int32.of_int word)
let[@inline] value bank term probe = get bank.values ((term * bank.width) + (probe land bank.place_mask))
let rule_of bank term = get bank.terms (term * (bank.arity + 1))
let argument bank term position = get bank.terms ((term * (bank.arity + 1)) + 1 + position)

(* Room for one more entry of so many words. *)
let with_room bytes ~count ~words =
  let needed = 4 * words * (count + 1) in
  if needed <= Bytes.length bytes then bytes
  else begin
    let larger = Bytes.create (max (2 * Bytes.length bytes) (4 * words * first_capacity)) in
    Bytes.blit bytes 0 larger 0 (Bytes.length bytes);
    larger
  end

(* {1 Terms as programs} *)

let no_node : Holes.node = { lambdas = 0; head = Local (-1); reversed_arguments = []; code = None }

let under { lambdas; _ } (node : Holes.node) = if lambdas = 0 then node else { node with lambdas; code = None }

let condition : Holes.node = { lambdas = 0; head = Holes.condition_hole; reversed_arguments = []; code = None }

let application rule arguments : Holes.node =
  let arguments = List.map2 under (Array.to_list rule.slots) arguments in
  let arguments = match rule.operation with Choice -> condition :: arguments | _ -> arguments in
  { lambdas = 0; head = rule.head; reversed_arguments = List.rev arguments; code = None }

let rec node bank term =
  if term >= Array.length bank.nodes then
    bank.nodes <- Array.append bank.nodes (Array.make (max bank.count 8 - Array.length bank.nodes) no_node);
  let known = bank.nodes.(term) in
  if known != no_node then known
  else begin
    let made =
      match bank.ranked with
      | Some ranked -> Ranked.node ranked term
      | None ->
        let rule = (Option.get bank.rules).(rule_of bank term) in
        node_of rule (Array.init (Array.length rule.slots) (argument bank term))
    in
    bank.nodes.(term) <- made;
    made
  end

and node_of rule terms = application rule (List.mapi (fun position { bank; _ } -> node bank terms.(position)) (Array.to_list rule.slots))

(* {1 What is not known of a term} *)

let none = 0
let literal = 1
let choice = 2
let any = literal lor choice
let[@inline] marks_of bank term = if Bytes.length bank.marks = 0 then none else Char.code (Bytes.unsafe_get bank.marks term)

(* The last term's. *)
let mark bank marks =
  bank.marks <- with_room bank.marks ~count:(bank.count / 4) ~words:1;
  Bytes.set bank.marks (bank.count - 1) (Char.chr marks)

(* {1 Levels} *)

let range bank cost = ((if cost = 0 then 0 else bank.ends.(cost - 1)), bank.ends.(cost))

(* The first cost up to which there are more terms than those before this one. *)
let cost bank term =
  let rec between low high =
    if low = high then bank.costs.(low)
    else begin
      let middle = (low + high) / 2 in
      if bank.ends.(bank.costs.(middle)) > term then between low middle else between (middle + 1) high
    end
  in
  between 0 (bank.levels - 1)

let rule bank term = (Option.get bank.rules).(rule_of bank term)
let price bank term =
  let own = cost bank term in
  if Array.length bank.heads = 0 then own else own - 1 + (rule bank term).price

(* The first place whose level is at least this one. *)
let place_of { at; length; _ } level =
  let rec between low high =
    if low = high then low
    else begin
      let middle = (low + high) / 2 in
      if at.(middle) < level then between (middle + 1) high else between low middle
    end
  in
  between 0 length

let run runs level =
  let place = place_of runs level in
  if place < runs.length && runs.at.(place) = level then runs.rows.(place) else (0, 0)

let add_run runs level rows =
  if runs.length = Array.length runs.at then begin
    let longer array filler = Array.append array (Array.make (max 4 runs.length) filler) in
    runs.at <- longer runs.at 0;
    runs.rows <- longer runs.rows (0, 0)
  end;
  runs.at.(runs.length) <- level;
  runs.rows.(runs.length) <- rows;
  runs.length <- runs.length + 1

(* Terms are made rule by rule, so that those of a head stand together. *)
let rec close_runs bank level first =
  if first < bank.count then begin
    let { number; _ } = rule bank first in
    let rec stop_from row = if row < bank.count && (rule bank row).number = number then stop_from (row + 1) else row in
    let stop = stop_from first in
    add_run bank.heads.(number) level (first, stop);
    close_runs bank level stop
  end

let longer array = Array.append array (Array.make (max 16 (Array.length array)) 0)

let close_level bank cost =
  if cost >= Array.length bank.ends then bank.ends <- longer bank.ends;
  if bank.count > bank.ends.(cost - 1) then begin
    if bank.levels = Array.length bank.costs then bank.costs <- longer bank.costs;
    bank.costs.(bank.levels) <- cost;
    bank.levels <- bank.levels + 1
  end;
  if Array.length bank.heads > 0 then close_runs bank cost bank.ends.(cost - 1);
  bank.ends.(cost) <- bank.count;
  bank.filled <- cost

(* {1 Observational equivalence} *)

let[@inline] mix hash number =
  let hash = (hash lxor number) * 0x2545F4914F6CDD1D in
  hash lxor (hash lsr 29)

let hash_of numbers width =
  let hash = ref 17 in
  for probe = 0 to width - 1 do hash := mix !hash (Array.unsafe_get numbers probe) done;
  !hash

let hash_of_term bank term =
  let hash = ref 17 in
  for probe = 0 to bank.width - 1 do hash := mix !hash (value bank term probe) done;
  !hash

let same bank term numbers =
  let start = term * bank.width in
  let rec same probe =
    probe = bank.width || (get bank.values (start + probe) = Array.unsafe_get numbers probe && same (probe + 1))
  in
  same 0

(* The slot of the table with the term of these values, or the free one where it belongs. *)
let rec slot_of bank numbers slot =
  let entry = Array.unsafe_get bank.table slot in
  if entry = 0 || same bank (entry - 1) numbers then slot
  else slot_of bank numbers ((slot + 1) land (Array.length bank.table - 1))

let first_slot bank hash = hash land (Array.length bank.table - 1)

let find bank numbers =
  if bank.count = 0 || bank.width = 0 then None
  else begin
    let entry = bank.table.(slot_of bank numbers (first_slot bank (hash_of numbers bank.width))) in
    if entry = 0 then None else Some (entry - 1)
  end

let widen_table bank =
  bank.table <- Array.make (2 * Array.length bank.table) 0;
  let mask = Array.length bank.table - 1 in
  for term = 0 to bank.count - 1 do
    let slot = ref (hash_of_term bank term land mask) in
    while bank.table.(!slot) <> 0 do slot := (!slot + 1) land mask done;
    bank.table.(!slot) <- term + 1
  done

let append bank ~rule terms numbers =
  let count = bank.count and words = bank.arity + 1 in
  bank.terms <- with_room bank.terms ~count ~words;
  set bank.terms (count * words) rule;
  Array.iteri (fun position term -> set bank.terms ((count * words) + 1 + position) term) terms;
  if bank.width > 0 then begin
    bank.values <- with_room bank.values ~count ~words:bank.width;
    for probe = 0 to bank.width - 1 do set bank.values ((count * bank.width) + probe) numbers.(probe) done
  end;
  bank.count <- count + 1

let add_ranked bank number =
  bank.values <- with_room bank.values ~count:bank.count ~words:1;
  set bank.values bank.count number;
  bank.count <- bank.count + 1

(* The free slot of the table for a term; [None] if one with the same values costs no more wherever it stands. *)
let rec free_slot bank numbers ~number ~level slot =
  let entry = Array.unsafe_get bank.table slot in
  if entry = 0 then Some slot
  else begin
    let level_of term = if term >= bank.ends.(bank.filled) then level else cost bank term in
    let is_no_dearer term = level - level_of term >= bank.excess.((rule bank term).number).(number) in
    if same bank (entry - 1) numbers && is_no_dearer (entry - 1) then None
    else free_slot bank numbers ~number ~level ((slot + 1) land (Array.length bank.table - 1))
  end

let slot_for bank ~rule numbers =
  let first = first_slot bank (hash_of numbers bank.width) in
  if Array.length bank.excess = 0 then begin
    let slot = slot_of bank numbers first in
    if bank.table.(slot) > 0 then None else Some slot
  end
  else free_slot bank numbers ~number:(Option.get bank.rules).(rule).number ~level:(bank.filled + 1) first

let add bank ~rule terms numbers =
  if bank.width = 0 then begin
    append bank ~rule terms numbers;
    true
  end
  else begin
    match slot_for bank ~rule numbers with
    | None -> false
    | Some slot ->
      bank.table.(slot) <- bank.count + 1;
      append bank ~rule terms numbers;
      if 2 * bank.count > Array.length bank.table then widen_table bank;
      true
  end

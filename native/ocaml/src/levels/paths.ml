open Bank

(* A primitive that cuts pieces from a value. *)
type cut = {
  rule : rule;
  counted : bool;  (* by a third argument; else a piece has one element *)
  subtraction : rule option;  (* of positions, which gives a length *)
}

(* A term that gives positions and lengths. *)
type number = { row : int; cost : int; values : int array (* by probe *) }

(* A term that stands in the root's wanted values, on the probes of a mask, with the places where it does. *)
type candidate = { row : int; cost : int; mask : int; places : Bytes.t option array }

(* A term that pieces are cut from, with the elements that it has in common with the root's wanted values. *)
type source = { term : int; common : Bytes.t option array }

type t = {
  round : Round.t;
  sequences : Sequences.t;
  join : rule;
  bank : Bank.t;
  cuts : cut list;
  numbers : Bank.t option;  (* the bank of positions *)
  wanted : int array array;
  mutable sources : source list;
  mutable candidates : candidate list;  (* dearest first *)
  mutable candidates_seen : int;
  mutable positions : number list;  (* dearest first *)
  mutable positions_seen : int;
  mutable found : int;  (* positions *)
}

let sequences paths = paths.sequences
let banks paths = paths.bank :: Option.to_list paths.numbers

(* Positions in a value are kept in bytes. *)
let longest_value = 250

let is_long elements = Array.length elements > longest_value

(* {1 What the banks offer} *)

(* Terms of the bank that are looked at, at most; they come cheapest first. *)
let most_rows = 50_000
let most_pieces = 3_000
let most_numbers = 1_000
let most_sources = 10

let cut_of round join (rule : rule) =
  match rule.role with
  | Some (Cuts _) when rule.slots.(0).bank == join.slots.(0).bank ->
    let counted = Array.length rule.slots = 3 in
    let numbers = rule.slots.(1).bank in
    let is_subtraction (rule : rule) =
      (match rule.role with Some Subtracts -> true | _ -> false) && Array.for_all (fun (slot : slot) -> slot.bank == numbers) rule.slots
    in
    let rules = if counted && rule.slots.(2).bank == numbers then Round.rules round numbers else [||] in
    Some { rule; counted; subtraction = List.find_opt is_subtraction (Array.to_list rules) }
  | _ -> None

let create round =
  let bank = Round.root round in
  let rules = Array.to_list (Round.rules round bank) in
  let joins (rule : rule) =
    match rule.role with
    | Some (Joins sequence) when Array.for_all (fun (slot : slot) -> slot.bank == bank) rule.slots -> Some (rule, sequence)
    | _ -> None
  in
  match List.find_map joins rules with
  | None -> None
  | Some (join, sequence) ->
    let sequences = Sequences.create (Round.store round) sequence in
    let wanted = Array.map (Sequences.of_number sequences) (Round.target round) in
    let cuts = List.filter_map (cut_of round join) rules in
    let numbers = match cuts with { rule; _ } :: _ -> Some rule.slots.(1).bank | [] -> None in
    if Array.exists is_long wanted then None
    else
      Some
        {
          round; sequences; join; bank; cuts; numbers; wanted; sources = [];
          candidates = []; candidates_seen = 0; positions = []; positions_seen = 0; found = 0;
        }

let look_at_row paths row =
  let { bank; sequences; wanted; _ } = paths in
  let mask = ref 0 and some = ref false and is_source = ref true in
  for probe = 0 to bank.width - 1 do
    let number = Bank.value bank row probe in
    let elements = if number = Store.failed then [||] else Sequences.of_number sequences number in
    if Array.length elements = 0 || is_long elements then is_source := false;
    if number <> Store.failed && Sequences.first elements wanted.(probe) <> None then begin
      mask := !mask lor (1 lsl probe);
      if Array.length elements > 0 then some := true
    end
  done;
  let for_each_probe () = Array.make bank.width None in
  if !some then
    paths.candidates <- { row; cost = Bank.price bank row; mask = !mask; places = for_each_probe () } :: paths.candidates;
  let rule = (Option.get bank.rules).(Bank.rule_of bank row) in
  let may_be_source = match (rule.head, rule.role) with Local _, _ | _, Some (Replaces _) -> true | _ -> false in
  if !is_source && may_be_source && paths.cuts <> [] && List.length paths.sources < most_sources then
    paths.sources <- paths.sources @ [ { term = row; common = for_each_probe () } ]

let look_at_number paths bank row =
  let store = Round.store paths.round in
  let value probe =
    let number = Bank.value bank row probe in
    match if number = Store.failed then Values.Nil else Store.value store number with Int n -> n | _ -> -1
  in
  let values = Array.init bank.width value in
  if Array.for_all (fun n -> 0 <= n && n <= longest_value) values then begin
    paths.positions <- { row; cost = Bank.price bank row; values } :: paths.positions;
    paths.found <- paths.found + 1
  end

let update paths =
  let last = min paths.bank.count most_rows in
  for row = paths.candidates_seen to last - 1 do look_at_row paths row done;
  paths.candidates_seen <- max paths.candidates_seen last;
  match paths.numbers with
  | None -> ()
  | Some bank ->
    let last = min bank.count most_rows in
    for row = paths.positions_seen to last - 1 do
      if paths.found < most_numbers then look_at_number paths bank row
    done;
    paths.positions_seen <- max paths.positions_seen last

(* {1 One search} *)

(* A candidate on the probes of the set. *)
type piece = { of_row : int; adds : int; stands : Bytes.t array; lengths : int array }

(* A source on the probes of the set. *)
type whole = { source : int; sizes : int array; agree : Bytes.t array }

type edge =
  | Row of int
  | Element of cut * whole * number
  | Count of cut * whole * number * number
  | Until of cut * whole * number * number * rule  (* the end's position instead of a length *)

type step = { at : int array; mutable cost : int; mutable before : step option; mutable edge : edge; mutable is_closed : bool }

type search = {
  paths : t;
  targets : int array array;
  pieces : piece array;
  wholes : whole list;
  positions : number array;  (* by the probes of the set *)
  steps : (string, step) Hashtbl.t;
  mutable queue : step list array;  (* by cost *)
  mutable left : int;
}

let marks part whole =
  let marks = Bytes.make (Array.length whole + 1) '\000' in
  List.iter (fun position -> Bytes.set marks position '\001') (Sequences.occurrences part whole);
  marks

let elements_on paths probes row =
  Array.map (fun probe -> Sequences.of_number paths.sequences (Bank.value paths.bank row probe)) probes

(* What is worked out of each target, kept where it is a wanted value of the root. *)
let on_targets ~kept probes targets work parts =
  let on i part =
    match kept with
    | None -> work part targets.(i)
    | Some kept -> begin
      match kept.(probes.(i)) with
      | Some known -> known
      | None ->
        let made = work part targets.(i) in
        kept.(probes.(i)) <- Some made;
        made
    end
  in
  Array.mapi on parts

let piece_of paths ~whole_targets ~set probes targets { row; cost; mask; places } =
  if not (Covers.includes mask set) then None
  else begin
    let parts = elements_on paths probes row in
    let rec stands i = i = Array.length parts || (Sequences.first parts.(i) targets.(i) <> None && stands (i + 1)) in
    if Array.for_all (fun part -> Array.length part = 0) parts || not (whole_targets || stands 0) then None
    else begin
      let kept = if whole_targets then Some places else None in
      let lengths = Array.map Array.length parts in
      Some { of_row = row; adds = paths.join.price + cost; stands = on_targets ~kept probes targets marks parts; lengths }
    end
  end

let whole_of paths ~whole_targets probes targets { term; common } =
  let wholes = elements_on paths probes term in
  let kept = if whole_targets then Some common else None in
  let agree = on_targets ~kept probes targets Sequences.common wholes in
  { source = term; sizes = Array.map Array.length wholes; agree }

let key values = String.init (Array.length values) (fun i -> Char.unsafe_chr values.(i))

(* Those that differ on the probes of the set, cheapest first. *)
let distinct_numbers (numbers : number list) probes =
  let known = Hashtbl.create 64 in
  let restrict (number : number) =
    let values = Array.map (fun probe -> number.values.(probe)) probes in
    let key = key values in
    if Hashtbl.mem known key then None
    else begin
      Hashtbl.add known key ();
      Some { number with values }
    end
  in
  Array.of_list (List.filter_map restrict (List.rev numbers))

let rec take count = function item :: rest when count > 0 -> item :: take (count - 1) rest | _ -> []

let push search step =
  let size = Array.length search.queue in
  if step.cost >= size then
    search.queue <- Array.append search.queue (Array.make (max size (step.cost + 1 - size)) []);
  search.queue.(step.cost) <- step :: search.queue.(step.cost)

let relax search (before : step) at cost edge =
  let cost = before.cost + cost in
  let key = key at in
  match Hashtbl.find_opt search.steps key with
  | Some step ->
    if cost < step.cost then begin
      step.cost <- cost;
      step.before <- Some before;
      step.edge <- edge;
      push search step
    end
  | None ->
    let step = { at; cost; before = Some before; edge; is_closed = false } in
    Hashtbl.add search.steps key step;
    push search step

let with_piece search step { of_row; adds; stands; lengths } =
  let at = step.at in
  let rec fits i = i = Array.length at || (Bytes.get stands.(i) at.(i) <> '\000' && fits (i + 1)) in
  if fits 0 then relax search step (Array.map2 ( + ) at lengths) adds (Row of_row)

(* How many elements agree from a position of the source on; [None] if there is none on some probe. *)
let agreeing search step whole (position : number) =
  let count = Array.length step.at in
  let agreeing = Array.make count 0 in
  let rec go i =
    i = count
    || position.values.(i) < whole.sizes.(i)
       &&
       let width = Array.length search.targets.(i) + 1 in
       let common = Char.code (Bytes.get whole.agree.(i) ((position.values.(i) * width) + step.at.(i))) in
       agreeing.(i) <- common;
       common > 0 && go (i + 1)
  in
  if go 0 then Some agreeing else None

(* Where the path goes on after so many elements; [None] if they do not agree. *)
let after_count step whole (position : number) agreeing length_at =
  let count = Array.length step.at in
  let at = Array.make count 0 in
  let rec go i =
    i = count
    ||
    let length = min (length_at i) (whole.sizes.(i) - position.values.(i)) in
    at.(i) <- step.at.(i) + length;
    1 <= length && length <= agreeing.(i) && go (i + 1)
  in
  if go 0 then Some at else None

let with_lengths search step cut whole (position : number) agreeing ~cost =
  search.left <- search.left - Array.length search.positions;
  let with_length (length : number) =
    let relax at more edge = relax search step at (cost + length.cost + more) edge in
    Option.iter
      (fun at -> relax at 0 (Count (cut, whole, position, length)))
      (after_count step whole position agreeing (fun i -> length.values.(i)));
    match cut.subtraction with
    | Some subtraction ->
      Option.iter
        (fun at -> relax at (subtraction.price + position.cost) (Until (cut, whole, position, length, subtraction)))
        (after_count step whole position agreeing (fun i -> length.values.(i) - position.values.(i)))
    | None -> ()
  in
  Array.iter with_length search.positions

let with_whole search step whole =
  let { paths; positions; _ } = search in
  search.left <- search.left - Array.length positions;
  let with_position position =
    match agreeing search step whole position with
    | None -> ()
    | Some agreeing ->
      let with_cut cut =
        let cost = paths.join.price + cut.rule.price + Bank.price paths.bank whole.source + position.cost in
        if cut.counted then with_lengths search step cut whole position agreeing ~cost
        else relax search step (Array.map succ step.at) cost (Element (cut, whole, position))
      in
      List.iter with_cut paths.cuts
  in
  Array.iter with_position positions

let expand search step =
  Round.tick search.paths.round;
  search.left <- search.left - Array.length search.pieces;
  Array.iter (with_piece search step) search.pieces;
  List.iter (with_whole search step) search.wholes

let same_positions a b =
  let rec same i = i = Array.length a || (Array.unsafe_get a i = Array.unsafe_get b i && same (i + 1)) in
  same 0

(* The cheapest step first, until it is at the end of all wanted values. *)
let shortest search =
  let ends = Array.map Array.length search.targets in
  let rec next cost =
    if cost >= Array.length search.queue || search.left <= 0 then None
    else begin
      match search.queue.(cost) with
      | [] -> next (cost + 1)
      | step :: rest ->
        search.queue.(cost) <- rest;
        if step.is_closed || step.cost < cost then next cost
        else if same_positions step.at ends then Some step
        else begin
          step.is_closed <- true;
          expand search step;
          next cost
        end
    end
  in
  next 0

(* {1 Its term} *)

let number_term paths (number : number) = Part.of_row (Option.get paths.numbers) number.row

let term paths edge =
  let cut_from cut whole arguments = Part.apply cut.rule (Part.of_row paths.bank whole.source :: arguments) in
  match edge with
  | Row row -> Part.of_row paths.bank row
  | Element (cut, whole, position) -> cut_from cut whole [ number_term paths position ]
  | Count (cut, whole, position, length) -> cut_from cut whole [ number_term paths position; number_term paths length ]
  | Until (cut, whole, position, stop, subtraction) ->
    let position = number_term paths position in
    cut_from cut whole [ position; Part.apply subtraction [ number_term paths stop; position ] ]

let joined paths last =
  let rec joined known step =
    match step.before with
    | None -> known
    | Some before ->
      let piece = term paths step.edge in
      joined (Some (match known with None -> piece | Some rest -> Part.apply paths.join [ piece; rest ])) before
  in
  joined None last

let solve_targets paths ~whole_targets ~steps ~set probes targets =
  let pieces = List.filter_map (piece_of paths ~whole_targets ~set probes targets) (List.rev paths.candidates) in
  let start = { at = Array.map (fun _ -> 0) probes; cost = 0; before = None; edge = Row (-1); is_closed = false } in
  let search =
    {
      paths; targets;
      pieces = Array.of_list (take most_pieces pieces);
      wholes = List.map (whole_of paths ~whole_targets probes targets) paths.sources;
      positions = distinct_numbers paths.positions probes;
      steps = Hashtbl.create 256;
      queue = [| [ start ] |];
      left = steps;
    }
  in
  Hashtbl.add search.steps (key start.at) start;
  Option.bind (shortest search) (joined paths)

let solve ?wanted paths ~steps ~set =
  let probes = Array.of_list (Covers.members set) in
  let target probe =
    match wanted with None -> paths.wanted.(probe) | Some wanted -> Sequences.of_number paths.sequences (wanted probe)
  in
  let targets = Array.map target probes in
  if Array.for_all (fun target -> Array.length target = 0) targets || Array.exists is_long targets then None
  else solve_targets paths ~whole_targets:(wanted = None) ~steps ~set probes targets

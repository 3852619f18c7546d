open Bank

(* A term that may be the part replaced in a whole. *)
type part = {
  row : int;
  possible : int;  (* a mask: some replacement gives the wanted value there *)
  replaced : int;  (* a mask: the part stands in the whole there *)
}

(* An input, with the parts that may be replaced in it. *)
type whole = { input : int; mutable parts : part list  (* dearest first *) }

type t = {
  round : Round.t;
  sequences : Sequences.t;
  rule : rule;
  bank : Bank.t;
  mutable wholes : whole list;
  mutable seen : int;
}

let create round sequences =
  let bank = Round.root round in
  let replaces (rule : rule) =
    match rule.role with
    | Some (Replaces _) -> Array.for_all (fun (slot : slot) -> slot.bank == bank) rule.slots
    | _ -> false
  in
  let rule = List.find_opt replaces (Array.to_list (Round.rules round bank)) in
  Option.map (fun rule -> { round; sequences; rule; bank; wholes = []; seen = 0 }) rule

let rule_of_row bank row = (Option.get bank.rules).(Bank.rule_of bank row)
let elements { sequences; bank; _ } row probe = Sequences.of_number sequences (Bank.value bank row probe)
let has_value bank row probe = Bank.value bank row probe <> Store.failed

(* {1 The replacement is unknown} *)

(* What must replace the part in the whole to give the wanted value. *)
type wanted = Impossible | Anything | Exactly of int * int  (* a position in the wanted value, and a length *)

let rec agree part from whole position left =
  left = 0 || (part.(from) = whole.(position) && agree part (from + 1) whole (position + 1) (left - 1))

let wanted_for whole part target =
  match Sequences.first part whole with
  | None -> if whole = target then Anything else Impossible
  | Some position ->
    let behind = position + Array.length part in
    let after = Array.length whole - behind in
    let length = Array.length target - position - after in
    let is_around = length >= 0 && agree whole 0 target 0 position && agree whole behind target (position + length) after in
    if is_around then Exactly (position, length) else Impossible

let target_on replacements probe = Sequences.of_number replacements.sequences (Round.target replacements.round).(probe)

let wanted_on replacements whole row probe =
  wanted_for (elements replacements whole probe) (elements replacements row probe) (target_on replacements probe)

let part_of replacements { input; _ } row =
  let possible = ref 0 and replaced = ref 0 in
  let bank = replacements.bank in
  for probe = 0 to bank.width - 1 do
    if has_value bank row probe && has_value bank input probe then begin
      let bit = 1 lsl probe in
      match wanted_on replacements input row probe with
      | Impossible -> ()
      | Anything -> possible := !possible lor bit
      | Exactly _ ->
        possible := !possible lor bit;
        replaced := !replaced lor bit
    end
  done;
  { row; possible = !possible; replaced = !replaced }

let most_rows = 50_000

let update replacements =
  let { bank; seen; _ } = replacements in
  let last = min bank.count most_rows in
  let is_input row = match (rule_of_row bank row).head with Local _ -> true | Production _ -> false in
  let look whole row =
    let part = part_of replacements whole row in
    if part.replaced <> 0 then whole.parts <- part :: whole.parts
  in
  let new_rows first = List.init (max 0 (last - first)) (fun i -> first + i) in
  let rows = new_rows seen in
  List.iter (fun whole -> List.iter (look whole) rows) replacements.wholes;
  let new_wholes = List.map (fun input -> { input; parts = [] }) (List.filter is_input rows) in
  List.iter (fun whole -> List.iter (look whole) (new_rows 0)) new_wholes;
  replacements.wholes <- replacements.wholes @ new_wholes;
  replacements.seen <- max seen last

(* The cheapest term that is empty on a set. *)
let empty_on { bank; sequences; _ } set =
  let empty = Sequences.number_of sequences [||] in
  let probes = Covers.members set in
  let rec search row =
    if row >= min bank.count most_rows then None
    else if List.for_all (fun probe -> Bank.value bank row probe = empty) probes then Some (Part.of_row bank row)
    else search (row + 1)
  in
  search 0

let solve_replacement replacements paths ~steps { input; _ } { row; replaced; _ } ~set =
  let set = set land replaced in
  let wanted probe =
    match wanted_on replacements input row probe with
    | Exactly (position, length) -> Array.sub (target_on replacements probe) position length
    | Impossible | Anything -> [||]
  in
  if List.for_all (fun probe -> Array.length (wanted probe) = 0) (Covers.members set) then empty_on replacements set
  else begin
    let wanted probe = Sequences.number_of replacements.sequences (wanted probe) in
    match Paths.solve paths ~steps ~set ~wanted with
    | part -> part
    | exception Store.Too_large -> None
  end

(* The cheapest parts for a set that are tried. *)
let most_parts = 12

let replacement replacements paths ~steps ~set =
  let { bank; rule; _ } = replacements in
  let steps = steps / most_parts in
  let with_part whole best part =
    let arguments = [ Part.of_row bank whole.input; Part.of_row bank part.row ] in
    let least = List.fold_left (fun sum (part : Part.t) -> sum + part.cost) (rule.price + 1) arguments in
    match best with
    | Some (best : Part.t) when least >= best.cost -> Some best
    | _ ->
      let complete part = Part.apply rule (arguments @ [ part ]) in
      Part.cheaper best (Option.map complete (solve_replacement replacements paths ~steps whole part ~set))
  in
  let with_whole best whole =
    let is_fit { possible; replaced; _ } = Covers.includes possible set && replaced land set <> 0 in
    let fit = List.rev (List.filter is_fit whole.parts) in
    List.fold_left (with_part whole) best (List.filteri (fun i _ -> i < most_parts) fit)
  in
  List.fold_left with_whole None replacements.wholes

(* {1 The replacement is known} *)

let most_undone = 3
let most_goals = 6_000

(* Which of the occurrences was made: counted from the first, or from the last one. *)
type choice = From_first of int | From_last of int

let choices = [ From_first 0; From_first 1; From_first 2; From_last 0; From_last 1; From_last 2 ]

let chosen occurrences choice =
  let count = Array.length occurrences in
  match choice with
  | From_first i -> if i < count then Some occurrences.(i) else None
  | From_last i -> if i < count then Some occurrences.(count - 1 - i) else None

(* Rows of constants with their elements. *)
let constants ({ bank; _ } as replacements) =
  let is_constant row = match (rule_of_row bank row).operation with Constant _ -> true | _ -> false in
  let rows = List.filter is_constant (List.init (min bank.count 1_000) Fun.id) in
  let with_elements = List.map (fun row -> (row, elements replacements row 0)) rows in
  List.filter (fun (_, elements) -> Array.length elements > 0) with_elements

(* The value of which the wanted one is made, if the part replaced there stands nowhere before. *)
let before ~part ~by position value =
  match position with
  | None -> if Sequences.first part value = None then Some value else None
  | Some position ->
    let behind = position + Array.length by in
    let after = Array.sub value behind (Array.length value - behind) in
    let original = Array.concat [ Array.sub value 0 position; part; after ] in
    if Sequences.first part original = Some position then Some original else None

(* A vector of values from which known replacements lead to the target, the last one first. *)
type undone = { values : int array array; path : (int * int) list }

let undo_on_all values positions ~part ~by =
  let rec on_all i originals =
    if i = Array.length values then Some (Array.of_list (List.rev originals))
    else begin
      match before ~part ~by positions.(i) values.(i) with
      | Some original -> on_all (i + 1) (original :: originals)
      | None -> None
    end
  in
  if Array.exists Option.is_some positions then on_all 0 [] else None

(* Each way to undo one replacement. *)
let each_undone constants ~left { values; path } f =
  let with_choice by_row by occurrences choice =
    let positions = Array.map (fun occurrences -> chosen occurrences choice) occurrences in
    List.iter
      (fun (row, part) ->
        decr left;
        if row <> by_row && !left > 0 then
          Option.iter
            (fun values -> f { values; path = (row, by_row) :: path })
            (undo_on_all values positions ~part ~by))
      constants
  in
  List.iter
    (fun (by_row, by) ->
      let occurrences = Array.map (fun value -> Array.of_list (Sequences.occurrences by value)) values in
      if Array.exists (fun found -> Array.length found > 0) occurrences then
        List.iter (with_choice by_row by occurrences) choices)
    constants

let undone replacements ~steps ~found =
  let { round; sequences; rule; bank; _ } = replacements in
  let left = ref steps in
  let constants = constants replacements in
  let known = Hashtbl.create 256 and queue = Queue.create () in
  let wrap inner (part, by) = Part.apply rule [ inner; Part.of_row bank part; Part.of_row bank by ] in
  let look_at undone numbers =
    if not (Hashtbl.mem known numbers) then begin
      Hashtbl.add known numbers ();
      Option.iter (fun row -> found (List.fold_left wrap (Part.of_row bank row) undone.path)) (Bank.find bank numbers);
      if List.length undone.path < most_undone then Queue.add undone queue
    end
  in
  let add undone =
    match Array.map (Sequences.number_of sequences) undone.values with
    | numbers -> look_at undone numbers
    | exception Store.Too_large -> ()
  in
  let target = Round.target round in
  Hashtbl.add known target ();
  Queue.add { values = Array.map (Sequences.of_number sequences) target; path = [] } queue;
  while (not (Queue.is_empty queue)) && Hashtbl.length known < most_goals && !left > 0 do
    Round.tick round;
    each_undone constants ~left (Queue.pop queue) add
  done

open Bank

type t = { round : Round.t; sequences : Sequences.t; rule : rule; bank : Bank.t }

let create round sequences =
  let bank = Round.root round in
  let replaces (rule : rule) =
    match rule.role with Some (Replaces _) -> Array.for_all (fun (slot : slot) -> slot.bank == bank) rule.slots | _ -> false
  in
  let rule = List.find_opt replaces (Array.to_list (Round.rules round bank)) in
  Option.map (fun rule -> { round; sequences; rule; bank }) rule

let head_of bank row = (Option.get bank.rules).(Bank.rule_of bank row).head
let elements { sequences; bank; _ } row probe = Sequences.of_number sequences (Bank.value bank row probe)
let has_value bank row probe = Bank.value bank row probe <> Store.failed

(* {1 The replacement is unknown} *)

(* What must replace the part in the whole to give the wanted value. *)
type wanted = Impossible | Anything | Exactly of int array

let wanted_for whole part target =
  match Sequences.first part whole with
  | None -> if whole = target then Anything else Impossible
  | Some position ->
    let behind = position + Array.length part in
    let after = Array.sub whole behind (Array.length whole - behind) in
    let length = Array.length target - position - Array.length after in
    let is_around =
      length >= 0
      && Sequences.stands_at (Array.sub whole 0 position) target 0
      && Sequences.stands_at after target (position + length)
    in
    if is_around then Exactly (Array.sub target position length) else Impossible

(* The parts that can be replaced in this whole, and by what on which probe. *)
let most_parts = 12

let replaceable replacements ~left ~probes whole =
  let { bank; round; _ } = replacements in
  let target probe = Sequences.of_number replacements.sequences (Round.target round).(probe) in
  let on_probe row probe =
    if has_value bank row probe then wanted_for (elements replacements whole probe) (elements replacements row probe) (target probe)
    else Impossible
  in
  let rec on_all row known = function
    | [] -> Some (List.rev known)
    | probe :: rest -> begin
      match on_probe row probe with
      | Impossible -> None
      | Anything -> on_all row known rest
      | Exactly wanted -> on_all row ((probe, wanted) :: known) rest
    end
  in
  let rec collect found count row =
    if row >= bank.count || count >= most_parts || !left <= 0 then List.rev found
    else begin
      decr left;
      match on_all row [] probes with
      | Some (_ :: _ as wanted) -> collect ((row, wanted) :: found) (count + 1) (row + 1)
      | Some [] | None -> collect found count (row + 1)
    end
  in
  collect [] 0 0

let mask_of probes = List.fold_left (fun mask probe -> mask lor (1 lsl probe)) 0 probes

(* The cheapest term that is empty on these probes. *)
let empty_on replacements ~left probes =
  let { bank; _ } = replacements in
  let is_empty row probe = has_value bank row probe && elements replacements row probe = [||] in
  let rec search row =
    if row >= bank.count || !left <= 0 then None
    else begin
      decr left;
      if List.for_all (is_empty row) probes then Some (Part.of_row bank row) else search (row + 1)
    end
  in
  search 0

let solve_replacement replacements paths ~left wanted =
  let probes = List.map fst wanted in
  if List.for_all (fun (_, elements) -> elements = [||]) wanted then empty_on replacements ~left probes
  else begin
    let steps = !left / 4 in
    left := !left - (steps / 4);
    let number probe = Sequences.number_of replacements.sequences (List.assoc probe wanted) in
    match Paths.solve paths ~steps ~set:(mask_of probes) number with
    | part -> part
    | exception Store.Too_large -> None
  end

let inputs replacements =
  let { bank; _ } = replacements in
  let is_input row = match head_of bank row with Local _ -> true | Production _ -> false in
  List.filter is_input (List.init (min bank.count 200) Fun.id)

let replacement replacements paths ~steps ~set =
  let { bank; rule; round; _ } = replacements in
  let left = ref steps in
  (* Where the whole differs from the target, it is refuted soonest. *)
  let probes whole =
    let target probe = (Round.target round).(probe) in
    let same, different = List.partition (fun probe -> Bank.value bank whole probe = target probe) (Covers.members set) in
    if different = [] || not (List.for_all (has_value bank whole) (same @ different)) then None else Some (different @ same)
  in
  let with_whole best whole =
    match probes whole with
    | None -> best
    | Some probes ->
      let with_part best (row, wanted) =
        let arguments = [ Part.of_row bank whole; Part.of_row bank row ] in
        let least = List.fold_left (fun sum (part : Part.t) -> sum + part.cost) (rule.cost + 1) arguments in
        match best with
        | Some (best : Part.t) when least >= best.cost -> Some best
        | _ ->
          let complete part = Part.apply rule (arguments @ [ part ]) in
          Part.cheaper best (Option.map complete (solve_replacement replacements paths ~left wanted))
      in
      List.fold_left with_part best (replaceable replacements ~left ~probes whole)
  in
  List.fold_left with_whole None (inputs replacements)

(* {1 The replacement is known} *)

let most_undone = 3
let most_goals = 6_000

(* Which occurrence was made, from the first or from the last one on. *)
let occurrences_tried = [ `First 0; `First 1; `First 2; `Last 0; `Last 1; `Last 2 ]

let constants { bank; _ } =
  let is_constant row =
    let rule = (Option.get bank.rules).(Bank.rule_of bank row) in
    match rule.operation with Constant _ -> true | _ -> false
  in
  List.filter is_constant (List.init (min bank.count 1_000) Fun.id)

let chosen occurrences = function
  | `First i -> List.nth_opt occurrences i
  | `Last i -> List.nth_opt (List.rev occurrences) i

(* The value from which the wanted one came, if the part replaced there stands nowhere before. *)
let before ~part ~by ~which value =
  match chosen (Sequences.occurrences by value) which with
  | None -> if Sequences.first part value = None then Some value else None
  | Some position ->
    let behind = position + Array.length by in
    let after = Array.sub value behind (Array.length value - behind) in
    let original = Array.concat [ Array.sub value 0 position; part; after ] in
    if Sequences.first part original = Some position then Some original else None

let rec on_all values f i = i = Array.length values || (f i && on_all values f (i + 1))

let undone replacements ~steps ~found =
  let { round; sequences; rule; bank } = replacements in
  let left = ref steps in
  let constants = constants replacements in
  let pairs = List.concat_map (fun part -> List.map (fun by -> (part, by)) constants) constants in
  let known = Hashtbl.create 256 and queue = Queue.create () in
  let wrap part (row, by) = Part.apply rule [ part; Part.of_row bank row; Part.of_row bank by ] in
  let look_up numbers path =
    match Bank.find bank numbers with
    | Some row -> found (List.fold_left wrap (Part.of_row bank row) path)
    | None -> ()
  in
  let undo values path which (part, by) =
    left := !left - 1;
    let replaced = elements replacements part 0 and by' = elements replacements by 0 in
    let originals = Array.make (Array.length values) [||] in
    let undo_on i =
      match before ~part:replaced ~by:by' ~which values.(i) with
      | Some original ->
        originals.(i) <- original;
        true
      | None -> false
    in
    if part <> by && replaced <> [||] && by' <> [||] && on_all values undo_on 0 && originals <> values
       && not (Hashtbl.mem known originals)
    then begin
      Hashtbl.add known originals ();
      let path = (part, by) :: path in
      (match Array.map (Sequences.number_of sequences) originals with
       | numbers -> look_up numbers path
       | exception Store.Too_large -> ());
      if List.length path < most_undone then Queue.add (originals, path) queue
    end
  in
  Queue.add (Array.map (Sequences.of_number sequences) (Round.target round), []) queue;
  while (not (Queue.is_empty queue)) && Hashtbl.length known < most_goals && !left > 0 do
    let values, path = Queue.pop queue in
    Round.tick round;
    List.iter (fun pair -> List.iter (fun which -> undo values path which pair) occurrences_tried) pairs
  done

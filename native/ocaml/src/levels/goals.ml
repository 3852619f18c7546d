open Bank

(* Of goals nested in each other, and of goals in total. *)
let deepest = 8
let most_goals = 100_000

type t = { round : Round.t; mutable left : int  (* goals *) }

let known bank numbers = Option.map (Bank.node bank) (Bank.find bank numbers)

(* What [f] gives on each probe, or [None] as soon as there is nothing on one. *)
let on_all width f =
  let results = Array.make width [] in
  let rec go probe =
    if probe = width then Some results
    else begin
      match f probe with
      | Some result ->
        results.(probe) <- result;
        go (probe + 1)
      | None -> None
    end
  in
  go 0

(* An inverse within the limits of one operation. *)
let inverted goals inverse =
  let { Evaluation.fuel; size } = Round.limits goals.round in
  Budget.refill ~fuel ~size;
  match inverse () with
  | result -> result
  | exception (Values.Failed _ | Budget.Out_of_fuel | Budget.Out_of_space | Budget.Too_deep | Stack_overflow | Store.Too_large) ->
    None

let column results position = Array.map (fun result -> List.nth result position) results

let rec solve_goal goals bank (goal : Store.number array) ~depth found =
  goals.left <- goals.left - 1;
  if goals.left >= 0 then begin
    Round.tick goals.round;
    match known bank goal with
    | Some node -> found node
    | None when depth = 0 || Array.mem Store.failed goal -> ()
    | None -> Array.iter (fun rule -> take_apart goals rule goal ~depth found) (Round.rules goals.round bank)
  end

and take_apart goals rule goal ~depth found =
  match rule.inverse with
  | None -> ()
  | Some (Parts parts) -> from_parts goals rule goal parts ~depth found
  | Some (Second { given_first; smaller }) -> from_first goals rule goal given_first ~smaller ~depth found

(* All parts but the last must be known. *)
and from_parts goals rule goal parts ~depth found =
  let store = Round.store goals.round in
  let numbered probe =
    inverted goals (fun () -> Option.map (List.map (Store.number_of store)) (parts (Store.value store goal.(probe))))
  in
  match on_all (Array.length goal) numbered with
  | None -> ()
  | Some results ->
    let last = Array.length rule.slots - 1 in
    let firsts = List.init last (fun position -> known rule.slots.(position).bank (column results position)) in
    if List.for_all Option.is_some firsts then
      solve_goal goals rule.slots.(last).bank (column results last) ~depth:(depth - 1) (fun node ->
          found (application rule (List.map Option.get firsts @ [ node ])))

(* Every term as the first argument; the second must be known unless it is smaller than the goal. *)
and from_first goals rule goal given_first ~smaller ~depth found =
  let store = Round.store goals.round in
  let first = rule.slots.(0).bank and second = rule.slots.(1).bank in
  let width = Array.length goal in
  let rest = Array.make width Store.failed in
  let complete term =
    let rec fill probe =
      probe = width
      ||
      let number = Bank.value first term probe in
      number <> Store.failed
      &&
      let second () =
        Option.map (Store.number_of store) (given_first (Store.value store number) (Store.value store goal.(probe)))
      in
      match inverted goals second with
      | Some number ->
        rest.(probe) <- number;
        fill (probe + 1)
      | None -> false
    in
    fill 0
  in
  for term = 0 to first.count - 1 do
    if term land 255 = 0 then Round.tick goals.round;
    if complete term then begin
      let found node = found (application rule [ Bank.node first term; node ]) in
      if smaller && rest <> goal then solve_goal goals second (Array.copy rest) ~depth:(min (depth - 1) 1) found
      else Option.iter found (known second rest)
    end
  done

let solve round ~found =
  let goal = Round.target round in
  solve_goal { round; left = most_goals } (Round.root round) goal ~depth:deepest found

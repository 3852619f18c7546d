open Bank

(* The cheapest term with these truth values: bits for the probes with a value, and for those where that is true. *)
type test = { row : int; defined : int; truth : int }

type t = {
  rule : rule;
  tests_bank : Bank.t;
  known : (int, unit) Hashtbl.t;  (* truth values of tests that have one on all probes *)
  partly_known : (int * int, unit) Hashtbl.t;
  mutable tests : test list;  (* dearest first *)
  mutable seen : int;
  store : Store.t;
}

let create round =
  let is_conditional (rule : rule) =
    match (rule.head, rule.operation) with Production _, Conditional -> true | _ -> false
  in
  let root = Round.root round in
  let rules = Array.to_list (Round.rules round root) in
  let of_rule rule =
    let tests_bank = rule.slots.(0).bank in
    { rule; tests_bank; known = Hashtbl.create 64; partly_known = Hashtbl.create 64; tests = []; seen = 0; store = Round.store round }
  in
  Option.map of_rule (List.find_opt is_conditional rules)

let banks { rule; _ } = List.map (fun { bank; _ } -> bank) (Array.to_list rule.slots)

let look_at_row conditions row =
  let { tests_bank; store; _ } = conditions in
  let defined = ref 0 and truth = ref 0 in
  for probe = 0 to tests_bank.width - 1 do
    let number = Bank.value tests_bank row probe in
    if number <> Store.failed then begin
      defined := !defined lor (1 lsl probe);
      match Store.value store number with Bool true -> truth := !truth lor (1 lsl probe) | _ -> ()
    end
  done;
  let defined = !defined and truth = !truth in
  let is_whole = defined = (1 lsl tests_bank.width) - 1 in
  let is_known =
    if is_whole then Hashtbl.mem conditions.known truth else Hashtbl.mem conditions.partly_known (defined, truth)
  in
  if truth <> 0 && truth <> defined && not is_known then begin
    if is_whole then Hashtbl.add conditions.known truth () else Hashtbl.add conditions.partly_known (defined, truth) ();
    conditions.tests <- { row; defined; truth } :: conditions.tests
  end

let update conditions =
  for row = conditions.seen to conditions.tests_bank.count - 1 do look_at_row conditions row done;
  conditions.seen <- conditions.tests_bank.count

(* {1 Trees} *)

(* So many tests on the way from the root to a leaf. *)
let most_tests = 3

(* Different splits of a set that are tried, by the tests that may still follow. *)
let most_splits below = match below with 2 -> 60 | 1 -> 40 | _ -> 25

type search = {
  conditions : t;
  tests : test list;  (* cheapest first *)
  covers : Covers.t;
  leaf : int -> Part.t option;
  solved : (int * int, Part.t option) Hashtbl.t;  (* by set and the tests allowed *)
  most : int;
  mutable left : int;
}

(* The cheapest test for each way to split the set, with the part where it is true. *)
let splits search set ~below =
  let known = Hashtbl.create 32 in
  let most = most_splits below in
  let rec collect found count = function
    | { row; defined; truth } :: rest when count < most ->
      search.left <- search.left - 1;
      let part = truth land set in
      if part = 0 || part = set || (not (Covers.includes defined set)) || Hashtbl.mem known part then collect found count rest
      else begin
        Hashtbl.add known part ();
        collect ((part, Part.of_row search.conditions.tests_bank row) :: found) (count + 1) rest
      end
    | _ -> List.rev found
  in
  collect [] 0 search.tests

(* Whether a tree of at least this cost would be no better. *)
let is_too_dear search cost (best : Part.t option) =
  cost >= search.most || match best with Some best -> cost >= best.cost | None -> false

let is_single set = set land (set - 1) = 0

let rec solve_set search set ~tests =
  match Hashtbl.find_opt search.solved (set, tests) with
  | Some known -> known
  | None ->
    let best =
      match Covers.cheapest search.covers set with
      | Some part -> Some part
      | None ->
        let leaf = if search.left > 0 then search.leaf set else None in
        if tests = 0 || is_single set then leaf else List.fold_left (split search set ~tests) leaf (splits search set ~below:(tests - 1))
    in
    Hashtbl.add search.solved (set, tests) best;
    best

and split search set ~tests best (part, (test : Part.t)) =
  let { conditions = { rule; _ }; _ } = search in
  let solve subset ~cost = if is_too_dear search cost best || search.left <= 0 then None else solve_set search subset ~tests:(tests - 1) in
  let cost = rule.price + test.cost in
  match solve part ~cost with
  | None -> best
  | Some positive -> begin
    match solve (set land lnot part) ~cost:(cost + positive.cost) with
    | None -> best
    | Some negative -> Part.cheaper best (Some (Part.apply rule [ test; positive; negative ]))
  end

let solve conditions covers ~most ~steps ~leaf =
  let solved = Hashtbl.create 64 in
  let search = { conditions; tests = List.rev conditions.tests; covers; leaf; solved; most; left = steps } in
  let all = Covers.all covers in
  (* What is right everywhere is no business of a conditional. *)
  List.fold_left (split search all ~tests:most_tests) None (splits search all ~below:(most_tests - 1))

type t = {
  round : Round.t;
  examples : int;  (* of the task *)
  begun : int;  (* terms tried before *)
  covers : Covers.t;
  conditions : Conditions.t option;
  paths : Paths.t option;
  replacements : Replacements.t option;
  subtasks : Subtasks.t option;
  banks : Bank.t list;  (* which the parts come from *)
  mutable filled : int;  (* their level *)
  mutable ahead : int;  (* terms made to fill them *)
  mutable next : int;  (* terms to try first *)
}

(* {1 The schedule} *)

(* It is worth trying after so many terms, and again when their number has grown by this factor. *)
let first_terms = 500
let growth = 1.5

(* Of all terms, so many may be made to fill the banks ahead of the programs tested: one in so many. *)
let ahead_share = 16

(* Comparisons for each part of the work, a term tried: about as long as the term took. *)
let steps_a_term = 10
let least_steps = 50_000

let tried { round; begun; _ } = (Round.counts round).tried - begun

let rec fill deduction ~level =
  if deduction.filled < level && deduction.ahead <= max first_terms (tried deduction / ahead_share) then begin
    let before = tried deduction in
    deduction.filled <- deduction.filled + 1;
    List.iter (fun bank -> Round.fill deduction.round bank deduction.filled) deduction.banks;
    deduction.ahead <- deduction.ahead + tried deduction - before;
    fill deduction ~level
  end

(* {1 Solving} *)

let right_on deduction (part : Part.t) =
  List.fold_left
    (fun mask probe -> if Round.is_right_on deduction.round part.node probe then mask lor (1 lsl probe) else mask)
    0
    (Covers.members (Covers.all deduction.covers))

let on_set deduction ~steps set =
  match deduction.paths with
  | None -> None
  | Some paths ->
    let path = Paths.solve paths ~steps ~set in
    let replaced =
      Option.bind deduction.replacements (fun replacements -> Replacements.replacement replacements paths ~steps ~set)
    in
    Part.cheaper path replaced

(* What solves a set is known to solve what else it solves. *)
let leaf deduction ~steps set =
  let part = on_set deduction ~steps set in
  Option.iter (fun part -> Covers.add deduction.covers (right_on deduction part) part) part;
  part

(* A tree of tests can be made to fit anything. It is believed only if it is shorter than what the examples tell. *)
let most_cost { covers; examples; _ } =
  let probes = float_of_int (List.length (Covers.members (Covers.all covers))) in
  let nats = Covers.information covers *. float_of_int examples /. probes in
  if nats < 1e6 then int_of_float (nats *. float_of_int Ground.units_per_nat) else max_int

let solve_by_conditions deduction ~steps ~found conditions =
  let { covers; _ } = deduction in
  let leaf = leaf deduction ~steps:(steps / 10) in
  let tree = Conditions.solve conditions covers ~most:(most_cost deduction) ~steps ~leaf in
  (* More may be known now of what each example tells. *)
  Option.iter (fun (part : Part.t) -> if part.cost < most_cost deduction then found part) tree

let solve deduction ~found =
  let { covers; conditions; paths; replacements; _ } = deduction in
  let steps = max least_steps (steps_a_term * tried deduction) in
  let solved = found in
  let found (part : Part.t) = found part.node in
  Covers.update covers;
  Option.iter Paths.update paths;
  Option.iter Conditions.update conditions;
  Option.iter Replacements.update replacements;
  Option.iter found (Covers.cheapest covers (Covers.all covers));
  Option.iter found (on_set deduction ~steps (Covers.all covers));
  Option.iter (fun replacements -> Replacements.undone replacements ~steps ~found) replacements;
  Option.iter (solve_by_conditions deduction ~steps ~found) conditions;
  Option.iter (Subtasks.run ~found:solved) deduction.subtasks

let run deduction ~level ~found =
  if tried deduction >= deduction.next then begin
    fill deduction ~level;
    solve deduction ~found;
    deduction.next <- int_of_float (growth *. float_of_int (tried deduction))
  end

(* Functions within functions are solved so deep. *)
let deepest = 2

let rec create_within ~depth round ~examples =
  let width = Array.length (Round.target round) in
  if width > Covers.most_probes then None
  else begin
    let paths = Paths.create round and conditions = Conditions.create round in
    let replacements = Option.bind paths (fun paths -> Replacements.create round (Paths.sequences paths)) in
    let subtasks = if depth = 0 then None else Subtasks.create round ~deduce:(deduce ~depth:(depth - 1)) in
    let banks of_part = Option.fold ~none:[] ~some:of_part in
    if paths = None && conditions = None && subtasks = None then None
    else
      Some
        {
          round; examples; paths; conditions; replacements; subtasks;
          banks = (Round.root round :: banks Conditions.banks conditions) @ banks Paths.banks paths;
          covers = Covers.create (Round.root round) (Round.target round);
          begun = (Round.counts round).tried; filled = 0; ahead = 0; next = first_terms;
        }
  end

and deduce ~depth round ~examples = Option.map run (create_within ~depth round ~examples)

let create round ~examples = create_within ~depth:deepest round ~examples

open Bank

(* What a condition costs that is not known, in nats, beside the conditional. *)
let condition_nats = 3.

(* {1 What the library says} *)

let primitive_of ({ definition; name; _ } : Library.production) = if definition = None then Catalogue.find name else None
let of_primitive ~none ~some production = Option.fold ~none ~some (primitive_of production)
let strata_of = of_primitive ~none:[] ~some:(fun (primitive : Primitive.t) -> primitive.strata)

let rec names_in : Terms.t -> string list = function
  | Variable _ -> []
  | Name name -> [ name ]
  | Lambda body | Inlined body -> names_in body
  | Application (f, arguments) -> List.concat_map names_in (f :: arguments)

let is_transparent_primitive name =
  Option.fold ~none:false ~some:(fun (primitive : Primitive.t) -> primitive.transparent) (Catalogue.find name)

(* An abstraction is if all that it is made of is. *)
let rec is_transparent (library : Library.t) ({ name; definition; _ } : Library.production) =
  match definition with
  | None -> is_transparent_primitive name
  | Some body ->
    let is_part_transparent name =
      match Library.find library name with
      | Some production -> is_transparent library library.productions.(production)
      | None -> is_transparent_primitive name
    in
    List.for_all is_part_transparent (names_in body)

let production_of (library : Library.t) (rule : rule) =
  match rule.head with Production i -> Some library.productions.(i) | Local _ -> None

(* {1 Rules} *)

(* What the terms may be made of. A function is applied to what is known. *)
let with_slots library ~stratum (rule : rule) =
  let production = production_of library rule in
  let takes = Option.fold ~none:false ~some:(is_transparent library) production in
  let applies = Array.exists (fun slot -> slot.lambdas > 0) rule.slots in
  let strata = Option.fold ~none:[] ~some:strata_of production in
  let slot position slot =
    let slot = if takes && not (applies && slot.lambdas = 0) then slot else { slot with takes = Bank.none } in
    match List.assoc_opt position strata with Some wanted -> { slot with bank = stratum wanted slot.bank.ty } | None -> slot
  in
  { rule with slots = Array.mapi slot rule.slots }

let is_empty_text = function Constant (Text "") -> true | _ -> false

(* What is made in strata, and looks inside, is of no use elsewhere. *)
let serves_in_strata_alone (library : Library.t) =
  let strata = List.concat_map strata_of (Array.to_list library.productions) in
  let is_operation name (_, (stratum : Stratum.t)) = List.mem name stratum.operations in
  fun (rule : rule) ->
    match production_of library rule with
    | Some ({ name; definition = None; _ } as production) ->
      List.exists (is_operation name) strata && not (is_transparent library production)
    | _ -> false

let choice (rule : rule) =
  let cost = rule.cost + Ground.units condition_nats in
  { rule with operation = Choice; cost; slots = Array.sub rule.slots 1 2; order = [| 0; 1 |]; varying = None; gives = Bank.choice }

(* As dear as a constant. *)
let unknown rules =
  let cost_of (rule : rule) = match rule.operation with Constant _ -> Some rule.cost | _ -> None in
  match List.filter_map cost_of rules with
  | [] -> []
  | cost :: costs ->
    let cost = List.fold_left min cost costs in
    [ { (Bank.plain_rule Holes.literal_hole ~cost Unknown [||] ~order:[||]) with gives = Bank.literal } ]

(* What is left has the probability of what was taken away, too. *)
let renormalized rules =
  let nats (rule : rule) = float_of_int rule.cost /. float_of_int Ground.units_per_nat in
  let total = Cost.log_sum_exp (List.map (fun rule -> -.nats rule) rules) in
  List.map (fun (rule : rule) -> { rule with cost = Ground.units (nats rule +. total) }) rules

let of_bank library ~is_literal ~is_inner ~stratum rules =
  let serves_in_strata_alone = serves_in_strata_alone library in
  let sketched (rule : rule) =
    match rule.operation with
    | Conditional -> if is_literal && is_inner then Some (choice rule) else None
    | Constant _ when is_literal && not (is_empty_text rule.operation) -> None
    | _ when is_literal && serves_in_strata_alone rule -> None
    | _ -> Some (with_slots library ~stratum rule)
  in
  let kept = List.filter_map sketched rules in
  if is_literal then renormalized (unknown rules @ kept) else kept

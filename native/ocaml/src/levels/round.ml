open Bank

type counts = {
  mutable tried : int;
  mutable kept : int;
  mutable cut_by_steps : int;
  mutable cut_by_size : int;
}

type sketching = {
  is_literal : Types.t -> bool;
  texts : string list;
  known_strata : (string * Ranked.t) list;
  most_ranked : int;
  most_kept : int;
}

type t = {
  ground : Ground.t;
  sketching : sketching option;
  strata : (string, Bank.t) Hashtbl.t;
  beginnings : (int, bool) Hashtbl.t;  (* by list: whether the text wanted on the first probe begins with its texts *)
  endings : (int, bool) Hashtbl.t;
  assembly : Assembly.t;
  library : Library.t;
  operations : operation array;  (* of productions *)
  constants : Types.t -> Values.t list;
  probes : int;
  most_variables : int;
  limits : Evaluation.limits;
  counts : counts;
  tick : unit -> unit;
  store : Store.t;
  environments : (Types.t list, environment) Hashtbl.t;
  numbers : Store.number array;  (* of the term being made *)
  outputs : Values.t array;
  target : Store.number array;
  root : Bank.t;
  root_offsets : int array;  (* of its heads, where weights depend on the context *)
  mutable dearest_offset : int;
  mutable banks : int;
  mutable dearest_bank : int;  (* the greatest least cost *)
  mutable dearest_rule : int;
  mutable widest_rule : int;
  mutable last_level : int;  (* the greatest cost of a term *)
}

let root round = round.root
let target round = round.target
let store round = round.store
let limits round = round.limits
let counts round = round.counts
let tick round = round.tick ()

let count_try { tick; counts; _ } =
  tick ();
  counts.tried <- counts.tried + 1

(* {1 Environments and banks} *)

(* Variables beyond the inputs: deeper terms were never part of a solution. *)
let most_parameters = 5

let count_bank round bank =
  round.banks <- round.banks + 1;
  if bank.least < Ground.unreachable then round.dearest_bank <- max round.dearest_bank bank.least

let is_inhabited ground ty ~scope =
  List.exists (fun context -> Ground.least_with ground ~context ty ~scope < Ground.unreachable) (Ground.contexts_of ground ty)

(* Where weights depend on the context, a bank's costs leave out the head's. *)
let least_in_bank ground ~context ty ~scope =
  if not (Ground.is_contextual ground) then Ground.least_with ground ~context ty ~scope
  else if is_inhabited ground ty ~scope then 1
  else Ground.unreachable

let bank round (environment : environment) ty =
  match List.assoc_opt ty environment.banks with
  | Some bank -> bank
  | None ->
    let least = least_in_bank round.ground ~context:(Ground.start round.ground) ty ~scope:(List.rev environment.types) in
    (* A sketch has cheaper parts than programs have. *)
    let least = if round.sketching <> None && least < Ground.unreachable then 1 else least in
    let bank = Bank.create ty environment ~least in
    environment.banks <- (ty, bank) :: environment.banks;
    count_bank round bank;
    bank

let environment_of types probes = { types; depth = List.length types; probes; banks = []; inner = [] }

let extended round (outer : environment) parameters =
  let known = if parameters = [] then Some outer else List.assoc_opt parameters outer.inner in
  match known with
  | Some environment -> environment
  | None ->
    let types = outer.types @ parameters in
    let environment =
      match Hashtbl.find_opt round.environments types with
      | Some environment -> environment
      | None ->
        let probes =
          lazy
            (Probes.extend round.store ~constants:round.constants ~most:round.probes (Lazy.force outer.probes)
               ~scope:outer.types ~parameters)
        in
        let environment = environment_of types probes in
        Hashtbl.add round.environments types environment;
        environment
    in
    outer.inner <- (parameters, environment) :: outer.inner;
    environment

(* {1 Rules} *)

(* What heads cost in a context beside the unit that their rules have. *)
let offsets ground ~context ty ~scope =
  if not (Ground.is_contextual ground) then [||]
  else begin
    let offset cost = if cost >= Ground.unreachable then Ground.unreachable else cost - 1 in
    Array.map offset (Ground.costs_of_heads ground ~context ty ~scope)
  end

let dearest offsets = Array.fold_left (fun dearest offset -> if offset < Ground.unreachable then max dearest offset else dearest) 0 offsets

let slots round (environment : environment) arguments =
  let slot ({ parameters; return; context } : Ground.argument) =
    let environment = extended round environment parameters in
    let scope = List.rev environment.types in
    let offsets = offsets round.ground ~context return ~scope in
    let bank = bank round environment return in
    let least_there =
      if offsets = [||] || bank.least >= Ground.unreachable then bank.least else Ground.least_known round.ground context return
    in
    round.dearest_offset <- max round.dearest_offset (dearest offsets);
    if least_there < Ground.unreachable then round.dearest_bank <- max round.dearest_bank least_there;
    { bank; lambdas = List.length parameters; takes = Bank.any; context; offsets; least_there }
  in
  let fits ({ parameters; _ } : Ground.argument) = environment.depth + List.length parameters <= round.most_variables in
  if List.for_all fits arguments then Some (Array.of_list (List.map slot arguments)) else None

let is_possible slots = Array.for_all (fun slot -> Bank.least_of slot < Ground.unreachable) slots

let of_production ?(number = 0) ?price round environment (({ production; arguments } : Ground.instance), cost) =
  match slots round environment arguments with
  | Some slots when is_possible slots ->
    let primitive = Sketch_rules.primitive_of round.library.productions.(production) in
    let of_primitive f = Option.bind primitive f in
    let staged = of_primitive (fun (primitive : Primitive.t) -> primitive.staged) in
    let positions = List.init (Array.length slots) Fun.id in
    let order =
      match staged with
      | Some { last; _ } -> List.filter (fun position -> position <> last) positions @ [ last ]
      | None -> positions
    in
    Some
      {
        head = Production production;
        cost;
        operation = round.operations.(production);
        slots;
        order = Array.of_list order;
        commutative =
          of_primitive (fun (primitive : Primitive.t) -> if primitive.commutative then Some () else None) <> None
          && slots.(0).bank == slots.(1).bank
          && slots.(0).offsets = slots.(1).offsets;
        inverse = of_primitive (fun (primitive : Primitive.t) -> primitive.inverse);
        role = of_primitive (fun (primitive : Primitive.t) -> primitive.role);
        varying = of_primitive (fun (primitive : Primitive.t) -> primitive.varying);
        staged;
        gives = Bank.none;
        number;
        price = Option.value ~default:cost price;
      }
  | _ -> None

let of_variable round (environment : environment) scope (index, cost) =
  match slots round environment (Ground.arguments_of_variable round.ground (List.nth scope index)) with
  | Some slots when is_possible slots ->
    let operation = Read (environment.depth - 1 - index) in
    let order = Array.init (Array.length slots) Fun.id in
    Some (Bank.plain_rule (Local index) ~cost operation slots ~order)
  | _ -> None

(* {1 Rules of sketches} *)

let stratum_bank round { texts; known_strata; _ } (stratum : Stratum.t) ty =
  match Hashtbl.find_opt round.strata stratum.name with
  | Some bank -> bank
  | None ->
    let ranked =
      match List.assoc_opt stratum.name known_strata with
      | Some ranked -> ranked
      | None -> Ranked.create round.library round.assembly (stratum.members texts) ~tick:(fun () -> count_try round)
    in
    let bank = Bank.of_ranked ranked ty round.root.environment in
    Hashtbl.add round.strata stratum.name bank;
    bank

let sketched round ({ is_literal; _ } as sketching) bank rules =
  Sketch_rules.of_bank round.library ~is_literal:(is_literal bank.ty)
    ~is_inner:(bank.environment.depth > round.root.environment.depth)
    ~stratum:(stratum_bank round sketching) rules

let plain_rules round bank ~scope =
  let { Ground.instances; variables } = Ground.choices round.ground ~context:(Ground.start round.ground) bank.ty ~scope in
  let rules =
    List.filter_map (of_variable round bank.environment scope) variables
    @ List.filter_map (of_production round bank.environment) instances
  in
  Option.fold ~none:rules ~some:(fun sketching -> sketched round sketching bank rules) round.sketching

(* {1 Rules where weights depend on the context} *)

let contextual_rules round bank ~scope (prices : int array) =
  let variables, productions = Ground.heads round.ground bank.ty ~scope in
  let of_variable i =
    Option.map (fun rule -> { rule with price = prices.(0) }) (of_variable round bank.environment scope (i, 1))
  in
  let of_instances i instances =
    let number = i + 1 in
    let price = prices.(number) in
    List.filter_map (fun instance -> of_production ~number ~price round bank.environment (instance, 1)) instances
  in
  List.filter_map of_variable variables @ List.concat (List.mapi of_instances productions)

let rules round bank =
  match bank.rules with
  | Some rules -> rules
  | None ->
    let scope = List.rev bank.environment.types in
    let excess, rules =
      if Ground.is_contextual round.ground then begin
        let excess, prices = Ground.compared_heads round.ground bank.ty ~scope in
        (excess, contextual_rules round bank ~scope prices)
      end
      else ([||], plain_rules round bank ~scope)
    in
    let rules = Array.of_list rules in
    Bank.expand ~excess bank rules;
    Array.iter
      (fun rule ->
        round.dearest_rule <- max round.dearest_rule rule.cost;
        round.widest_rule <- max round.widest_rule (Array.length rule.slots))
      rules;
    rules

(* {1 Evaluating} *)

exception Undefined

(* Stands for an argument that has no value, which matters only if it is needed. *)
let undefined = Values.Delayed { state = Pending { run = (fun _ -> raise_notrace Undefined); environment = Empty; depth = 0 } }

(* A term that is being made: a rule with a term for each slot chosen so far. *)
type term = {
  owner : Bank.t;
  rule : rule;
  number : int;  (* of the rule *)
  terms : int array;
  functions : Code.t array;  (* the arguments with lambdas *)
  mutable marks : int;
  mutable is_starting : bool;  (* the staged rule is evaluated without its last slot *)
  started : Values.t array;  (* by probe, what a staged rule made of all slots but the last, or [undefined] *)
}

let[@inline] argument round term position environment probe =
  let { bank; lambdas; _ } = Array.unsafe_get term.rule.slots position in
  if lambdas > 0 then (Array.unsafe_get term.functions position).run environment
  else begin
    let number = Bank.value bank (Array.unsafe_get term.terms position) probe in
    if number = Store.failed then raise_notrace Undefined;
    Store.value round.store number
  end

let run_code round term (code : Code.t) environment probe =
  let inner = ref Values.Empty in
  for position = 0 to Array.length term.terms - 1 do
    let value = match argument round term position environment probe with value -> value | exception Undefined -> undefined in
    inner := Values.Bind { value; outer = !inner }
  done;
  Budget.enter code.depth;
  Values.evaluated (code.run !inner)

(* A staged rule of which all slots but the last are filled. *)
let evaluate_start round term { Primitive.last; start; _ } (probes : Probes.t) probe =
  let environment = probes.environments.(probe) in
  let rec others position =
    if position = Array.length term.terms then []
    else if position = last then others (position + 1)
    else begin
      let value = argument round term position environment probe in
      value :: others (position + 1)
    end
  in
  start (others 0)

let evaluate_from_start round term { Primitive.last; finish; _ } (probes : Probes.t) probe =
  let started = Array.unsafe_get term.started probe in
  if started == undefined then raise_notrace Undefined;
  finish (argument round term last (Array.unsafe_get probes.environments probe) probe) started

let evaluate_whole round term (probes : Probes.t) probe =
  let environment = Array.unsafe_get probes.environments probe in
  match term.rule.operation with
  | Unary f -> f (argument round term 0 environment probe)
  | Binary f ->
    let a = argument round term 0 environment probe in
    f a (argument round term 1 environment probe)
  | Ternary f ->
    let a = argument round term 0 environment probe in
    let b = argument round term 1 environment probe in
    f a b (argument round term 2 environment probe)
  | Quaternary f ->
    let a = argument round term 0 environment probe in
    let b = argument round term 1 environment probe in
    let c = argument round term 2 environment probe in
    f a b c (argument round term 3 environment probe)
  | Conditional -> begin
    match argument round term 0 environment probe with
    | Bool true -> argument round term 1 environment probe
    | Bool false -> argument round term 2 environment probe
    | _ -> Values.wrong_kind ()
  end
  | Constant value -> value
  | Unknown -> Text Symbolic.unknown
  | Choice -> begin
    let yes = argument round term 0 environment probe in
    match environment with
    | Bind { value = key; _ } -> Symbolic.either key yes (argument round term 1 environment probe)
    | Empty -> Values.wrong_kind ()
  end
  | Read index ->
    let number = probes.tuples.(probe).(index) in
    if number = Store.failed then raise_notrace Undefined;
    Store.value round.store number
  | Code code -> run_code round term code environment probe

let evaluate round term probes probe =
  match term.rule.staged with
  | None -> evaluate_whole round term probes probe
  | Some staged ->
    if term.is_starting then evaluate_start round term staged probes probe
    else evaluate_from_start round term staged probes probe

let cut_by_size round =
  round.counts.cut_by_size <- round.counts.cut_by_size + 1;
  undefined

(* Within the limits of one operation; {!undefined} where there is no value. *)
let value_on round term probes probe =
  Budget.refill ~fuel:round.limits.fuel ~size:round.limits.size;
  match evaluate round term probes probe with
  | value -> value
  | exception (Undefined | Values.Failed _) -> undefined
  | exception Budget.Out_of_fuel ->
    round.counts.cut_by_steps <- round.counts.cut_by_steps + 1;
    undefined
  | exception (Budget.Out_of_space | Budget.Too_deep | Stack_overflow) -> cut_by_size round

let number_of round value =
  if value == undefined then Store.failed
  else begin
    match Store.number_of round.store value with
    | number -> number
    | exception Store.Too_large ->
      ignore (cut_by_size round);
      Store.failed
  end

let keep round term =
  let { counts; numbers; _ } = round in
  count_try round;
  let bank = term.owner in
  let some = ref (bank.width = 0) in
  if bank.width > 0 then begin
    let probes = Lazy.force bank.environment.probes in
    for probe = 0 to bank.width - 1 do
      let number = number_of round (value_on round term probes probe) in
      if number <> Store.failed then some := true;
      Array.unsafe_set numbers probe number
    done
  end;
  if !some && Bank.add bank ~rule:term.number term.terms numbers then begin
    counts.kept <- counts.kept + 1;
    if round.sketching <> None then Bank.mark bank term.marks
  end

let is_right round term =
  let probes = Lazy.force term.owner.environment.probes in
  let rec right_from probe =
    probe = Array.length round.outputs
    || (* Functions are never equal, {!undefined} is none of the outputs. *)
    Values.equal (value_on round term probes probe) (Array.unsafe_get round.outputs probe)
       && right_from (probe + 1)
  in
  right_from 0

(* What has no value on so many probes is given up: a loop that never ends is dear on each. *)
let most_failures = 8

(* Whether some choice for the last slot of a staged rule may lead anywhere. *)
let start round term ~everywhere =
  let bank = term.owner in
  if bank.width = 0 then true
  else begin
    let probes = Lazy.force bank.environment.probes in
    let some = ref false and all = ref true in
    term.is_starting <- true;
    for probe = 0 to bank.width - 1 do
      if if everywhere then !all else !some || probe < most_failures then begin
        let started = value_on round term probes probe in
        term.started.(probe) <- started;
        if started == undefined then all := false else some := true
      end
    done;
    term.is_starting <- false;
    if everywhere then !all else !some
  end

let is_constant bank term =
  let first = Bank.value bank term 0 in
  let rec same probe = probe = bank.width || (Bank.value bank term probe = first && same (probe + 1)) in
  bank.width > 1 && same 1

(* {1 Levels} *)

(* Dearer terms are not kept below a lambda: texts there are what functions give, and other terms are parts of these. Nor
   are parts of the type that is asked for, which only begin anew. *)
let most_kept_inner = Ground.units 15.
let most_kept_inner_parts = Ground.units 8.
let most_kept_whole = Ground.units 8.

let comes_from_stratum (rule : rule) = Array.exists (fun { bank; _ } -> bank.ranked <> None) rule.slots

(* Which rules make terms that are kept. *)
let kept_at round bank level : rule -> bool =
  match round.sketching with
  | None -> fun _ -> true
  | Some { is_literal; most_kept; _ } ->
    if bank == round.root then fun _ -> level <= most_kept_whole
    else if bank.environment.depth = round.root.environment.depth then
      if level <= most_kept then fun _ -> true else comes_from_stratum
    else begin
      let most = if is_literal bank.ty then most_kept_inner else most_kept_inner_parts in
      fun _ -> level <= most
    end

let price rank = Ground.units (log (float_of_int (1 + rank)))

let fill_ranked round bank ranked cost =
  let most = Option.fold ~none:0 ~some:(fun { most_ranked; _ } -> most_ranked) round.sketching in
  while bank.filled < cost do
    let level = bank.filled + 1 in
    while bank.count < most && price bank.count <= level && Ranked.reach ranked (bank.count + 1) do
      Bank.add_ranked bank (Store.number_of round.store (Ranked.value ranked bank.count))
    done;
    Bank.close_level bank level
  done

let rec fill round bank cost =
  match bank.ranked with
  | Some ranked -> fill_ranked round bank ranked cost
  | None ->
    while bank.filled < cost do
      let level = bank.filled + 1 in
      let before = bank.count in
      make round bank level ~only:(kept_at round bank level) ~everywhere:false (keep round);
      if bank.count > before then round.last_level <- max round.last_level level;
      Bank.close_level bank level
    done

(* Makes all terms of just this cost. [everywhere]: only those with a value on every probe are wanted. *)
and make ?(admits = fun _ _ _ -> true) ?(offsets = [||]) round bank cost ~only ~everywhere emit =
  if cost >= bank.least && bank.least < Ground.unreachable then begin
    let rules = rules round bank in
    for number = 0 to Array.length rules - 1 do
      let rule = rules.(number) in
      let left = cost - rule.cost - if Array.length offsets = 0 then 0 else offsets.(rule.number) in
      let arity = Array.length rule.slots in
      let least = Array.fold_left (fun sum slot -> sum + Bank.least_of slot) 0 rule.slots in
      if only rule && if arity = 0 then left = 0 else left >= least then begin
        let functions = if Array.exists (fun { lambdas; _ } -> lambdas > 0) rule.slots then Array.make arity (Code.constant Nil) else [||] in
        let started = if rule.staged = None then [||] else Array.make bank.width undefined in
        let term = { owner = bank; rule; number; terms = Array.make arity 0; functions; marks = rule.gives; is_starting = false; started } in
        if arity = 0 then emit term else choose round term 0 ~admits:(admits rule) ~left ~least ~everywhere emit
      end
    done
  end

(* Fills the slots from a place of the order on with terms that cost [left] together; [least] is theirs. [admits] says of a
   slot and a term whether that may lead anywhere. *)
and choose round term place ~admits ~left ~least ~everywhere emit =
  let { rule; terms; functions; _ } = term in
  let position = rule.order.(place) in
  let ({ bank; lambdas; takes; offsets; _ } : slot) = rule.slots.(position) in
  let marks = term.marks in
  let refused = marks lor lnot takes in
  let is_last = place + 1 = Array.length terms in
  let rest = least - Bank.least_of rule.slots.(position) in
  let varies = match rule.varying with Some position' -> position' = position | None -> false in
  let with_rows cost (first, stop) =
    let first = if rule.commutative && place = 1 then max first terms.(rule.order.(0)) else first in
    for chosen = first to stop - 1 do
      let marks_of_chosen = Bank.marks_of bank chosen in
      if marks_of_chosen land refused = 0 && not (varies && is_constant bank chosen) && admits position chosen then begin
        terms.(position) <- chosen;
        term.marks <- marks lor marks_of_chosen;
        if lambdas > 0 then
          functions.(position) <- Code.lambdas lambdas (Assembly.code round.assembly (Bank.node bank chosen));
        if is_last then emit term else choose round term (place + 1) ~admits ~left:(left - cost) ~least:rest ~everywhere emit
      end
    done
  in
  let with_cost cost =
    fill round bank cost;
    with_rows cost (Bank.range bank cost)
  in
  let with_cost_by_head cost =
    let of_head head offset =
      if offset < cost then begin
        fill round bank (cost - offset);
        with_rows cost (Bank.run bank.heads.(head) (cost - offset))
      end
    in
    if cost > 0 then begin
      ignore (rules round bank);
      Array.iteri of_head offsets
    end
  in
  let with_each_cost_by_head limit =
    let of_head head offset =
      if offset < limit then begin
        fill round bank (limit - offset);
        let runs = bank.heads.(head) in
        let rec from i =
          if i < runs.length && runs.at.(i) + offset <= limit then begin
            with_rows (runs.at.(i) + offset) runs.rows.(i);
            from (i + 1)
          end
        in
        from 0
      end
    in
    ignore (rules round bank);
    Array.iteri of_head offsets
  in
  let rec with_each_cost limit i =
    if i < Array.length bank.costs then begin
      let cost = bank.costs.(i) in
      if cost > 0 && cost <= limit then begin
        with_cost cost;
        with_each_cost limit (i + 1)
      end
    end
  in
  let may_go_on =
    match rule.staged with
    | Some _ when is_last -> start round term ~everywhere
    | _ -> true
  in
  if may_go_on then
    if Array.length offsets > 0 then if is_last then with_cost_by_head left else with_each_cost_by_head (left - rest)
    else if is_last then with_cost left
    else begin
      fill round bank (left - rest);
      with_each_cost (left - rest) 0
    end

let test round cost ~found =
  let is_tested = ref false in
  make ~offsets:round.root_offsets round round.root cost ~only:(fun _ -> true) ~everywhere:true (fun term ->
      count_try round;
      is_tested := true;
      if is_right round term then found (Bank.node_of term.rule term.terms));
  if !is_tested then round.last_level <- max round.last_level cost

(* {1 Sketches} *)

type candidate = { marks : int; value_on : int -> Values.t option; to_node : unit -> Holes.node }

let known value = if value == undefined then None else Some value

(* What a primitive of one argument makes of a value. *)
let applied round operation value =
  Budget.refill ~fuel:round.limits.fuel ~size:round.limits.size;
  match operation with
  | Unary f -> begin
    match f value with
    | value -> Some value
    | exception (Values.Failed _ | Budget.Out_of_fuel | Budget.Out_of_space | Budget.Too_deep | Stack_overflow) -> None
  end
  | _ -> None

let rec flat_onto buffer : Values.t -> unit = function
  | Cons (Text text, rest) ->
    Buffer.add_string buffer text;
    flat_onto buffer rest
  | _ -> ()

let flat value =
  let buffer = Buffer.create 32 in
  flat_onto buffer value;
  Buffer.contents buffer

(* Of a list whose texts are joined: what is put before it must be what the wanted text begins with, and the rest what
   that ends with. It is looked at on the first probe, and once for each list. *)
let fitting round wanted =
  let { beginnings; endings; _ } = round in
  let once table fits row value =
    match Hashtbl.find_opt table row with
    | Some known -> known
    | None ->
      let fits = fits (flat value) wanted in
      Hashtbl.add table row fits;
      fits
  in
  let value (bank : Bank.t) row =
    let number = Bank.value bank row 0 in
    if number = Store.failed then None else Some (Store.value round.store number)
  in
  let admits ~before (rule : rule) position row =
    match (position, value rule.slots.(position).bank row) with
    | 0, Some (Text text) -> if before then Symbolic.begins text wanted else Symbolic.ends text wanted
    | 1, Some list -> if before then once endings Symbolic.ends row list else once beginnings Symbolic.begins row list
    | _ -> false
  in
  fun (rule : rule) ->
    match rule.role with
    | Some Prepends -> admits ~before:true rule
    | Some Appends -> admits ~before:false rule
    | _ -> fun _ _ -> true

(* Programs that begin with a primitive of one argument: of its terms those that are kept, and the others, which are made for this. *)
let stream_argument round (rule : rule) ({ bank; _ } : slot) cost ~check =
  let probes = Lazy.force round.root.environment.probes in
  let emit (term : term) =
    count_try round;
    let value_on probe = Option.bind (known (value_on round term probes probe)) (applied round rule.operation) in
    check { marks = term.marks; value_on; to_node = (fun () -> Bank.application rule [ Bank.node_of term.rule term.terms ]) }
  in
  fill round bank cost;
  let is_kept = kept_at round bank cost in
  let first, stop = Bank.range bank cost in
  for term = first to stop - 1 do
    count_try round;
    let value_on probe =
      let number = Bank.value bank term probe in
      if number = Store.failed then None else applied round rule.operation (Store.value round.store number)
    in
    check { marks = Bank.marks_of bank term; value_on; to_node = (fun () -> Bank.application rule [ Bank.node bank term ]) }
  done;
  let admits =
    match (rule.role, round.outputs.(0)) with Some Flattens, Text wanted -> Some (fitting round wanted) | _ -> None
  in
  make ?admits round bank cost ~only:(fun rule -> not (is_kept rule)) ~everywhere:true emit

let stream round cost ~check =
  let root = round.root in
  let rules = rules round root in
  let streams (rule : rule) =
    match rule with { operation = Unary _; slots = [| { lambdas = 0; bank = { ranked = None; _ }; _ } |]; _ } -> true | _ -> false
  in
  let probes = Lazy.force root.environment.probes in
  make round root cost ~only:(fun rule -> not (streams rule)) ~everywhere:true (fun term ->
      count_try round;
      let value_on probe = known (value_on round term probes probe) in
      check { marks = term.marks; value_on; to_node = (fun () -> Bank.node_of term.rule term.terms) });
  Array.iter
    (fun (rule : rule) ->
      if streams rule && cost > rule.cost then stream_argument round rule rule.slots.(0) (cost - rule.cost) ~check)
    rules

let bank_of_root round ty =
  let bank = bank round round.root.environment ty in
  if bank.least < Ground.unreachable then Some bank else None

let strata round =
  let of_bank (name, (bank : Bank.t)) = Option.map (fun ranked -> (name, ranked)) bank.ranked in
  List.filter_map of_bank (List.of_seq (Hashtbl.to_seq round.strata))

(* The cheapest term not made yet has arguments that were made, so that it costs no more than [next]. A bank
   asks another one for terms of a cost that is lower by at most [step], and there are so many banks in a row. *)
let is_complete round cost =
  round.root.least >= Ground.unreachable
  || cost >= round.root.least
     &&
     let dearest_rule = round.dearest_rule + round.dearest_offset in
     let step = dearest_rule + (round.widest_rule * round.dearest_bank) in
     let next = dearest_rule + (round.widest_rule * max (round.last_level + round.dearest_offset) round.dearest_bank) in
     cost > (round.banks * step) + next + round.dearest_bank

let gives round node environment output =
  match Evaluation.run round.limits (Assembly.code round.assembly node) environment with
  | Value value -> Values.equal value output
  | _ -> false

let is_right_on round node probe =
  gives round node (Lazy.force round.root.environment.probes).environments.(probe) round.outputs.(probe)

(* {1 The round} *)

let operation compiled ({ name; definition; ty } : Library.production) =
  let arity = List.length (Types.arguments_of ty) in
  let code () = Compile.apply_head (Compile.head compiled name) (List.init arity (fun i -> Code.variable (arity - 1 - i))) in
  match if definition = None then Catalogue.find name else None with
  | Some primitive when Primitive.arity primitive.implementation = arity -> begin
    match primitive.implementation with
    | Constant value -> Constant value
    | Unary f -> Unary f
    | Binary f -> Binary f
    | Ternary f -> Ternary f
    | Quaternary f -> Quaternary f
    | Conditional -> Conditional
  end
  | _ -> Code (code ())

let constants (library : Library.t) operations ty =
  let constant i ({ ty = ty'; _ } : Library.production) =
    match operations.(i) with Constant value when ty' = ty -> Some value | _ -> None
  in
  List.filter_map Fun.id (Array.to_list (Array.mapi constant library.productions))

type shared = { operations : operation array; constants : Types.t -> Values.t list }

let make ?sketching ground assembly library { operations; constants } ~types ~return ~context ~signature ~most_variables ~probes ~limits ~counts ~tick =
  let store = Store.create () in
  let environment = environment_of types (Lazy.from_val (Probes.of_inputs store (List.map fst signature))) in
  let environments = Hashtbl.create 64 in
  Hashtbl.add environments types environment;
  let outputs = Array.of_list (List.map snd signature) in
  let target = Array.map (Store.number_of store) outputs in
  (* What is given is not limited. *)
  Store.limit store limits.Evaluation.size;
  let scope = List.rev types in
  let root = Bank.create return environment ~least:(least_in_bank ground ~context return ~scope) in
  let root_offsets = offsets ground ~context return ~scope in
  environment.banks <- [ (return, root) ];
  {
    sketching; strata = Hashtbl.create 1; beginnings = Hashtbl.create 1; endings = Hashtbl.create 1;
    ground; assembly; library; operations; constants; probes; most_variables; limits; counts; tick; store; environments;
    numbers = Array.make (max probes (List.length signature)) Store.failed;
    outputs;
    target;
    root; root_offsets; dearest_offset = dearest root_offsets;
    banks = 1; dearest_bank = (if root.least < Ground.unreachable then root.least else 0);
    dearest_rule = 0; widest_rule = 0; last_level = 0;
  }

(* All strata, before rules ask for them: {!strata} tells them from the beginning. *)
let make_strata round sketching =
  let of_production (production : Library.production) =
    let parameters = Types.arguments_of production.ty in
    let of_argument (position, stratum) = ignore (stratum_bank round sketching stratum (List.nth parameters position)) in
    List.iter of_argument (Sketch_rules.strata_of production)
  in
  Array.iter of_production round.library.productions

let create ?sketching ground assembly compiled (library : Library.t) ~request ~signature ~probes ~limits ~counts ~tick =
  let operations = Array.map (operation compiled) library.productions in
  let types = Types.arguments_of request and return = Types.return_of request in
  let shared = { operations; constants = constants library operations } in
  let most_variables = List.length types + most_parameters in
  let round =
    make ?sketching ground assembly library shared ~types ~return ~context:(Ground.start ground) ~signature ~most_variables ~probes ~limits ~counts ~tick
  in
  Option.iter (make_strata round) sketching;
  round

let derived round ({ bank = { environment; ty; _ }; context; _ } : slot) ~signature =
  let { ground; assembly; library; operations; constants; most_variables; probes; limits; counts; tick; _ } = round in
  make ground assembly library { operations; constants } ~types:environment.types ~return:ty ~context ~signature ~most_variables ~probes ~limits ~counts ~tick

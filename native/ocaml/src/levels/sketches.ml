type bounds = { ranked : int; kept : int; level : int }

let plan =
  let bounds ranked kept level = { ranked; kept = Ground.units kept; level = Ground.units level } in
  [
    bounds 300 12. 20.; bounds 5_000 12. 23.; bounds 300 14. 25.; bounds 5_000 12. 26.5; bounds 100_000 12. 27.5;
    bounds 5_000 12. 28.5; bounds 100_000 12. 31.; bounds 400_000 12. 35.;
  ]

type t = {
  bounds : bounds;
  round : Round.t;
  library : Library.t;
  wanted : string array;  (* by probe *)
  required : int list;  (* probes on which the cheap program is wrong; they come first *)
  others : int list;
  cheap : Holes.node option;
  spelling : Base_type.spelling option;
  conditional : int option;  (* the production *)
  predicates : predicate list;
  seen : (int, unit) Hashtbl.t;  (* candidates, by their values *)
  conditions : ((string * bool) list, Holes.node option) Hashtbl.t;
  mutable unsettled : unsettled list;  (* cheapest first *)
  mutable grown_by : int;  (* terms of strata tried for these *)
  mutable grown_to : int;
  tests_bank : Bank.t option;
  mutable tests : test list;  (* dearest first *)
  known_tests : (int, unit) Hashtbl.t;
  mutable tests_seen : int;
  mutable tests_level : int;
  mutable tests_tried : int;
  mutable waiting : waiting list;  (* for a condition *)
}

(* A sketch with a condition that no term found yet makes. *)
and unsettled = { sketch : Holes.node; decisions : (string * bool) list }

(* A primitive that tells of a term of a stratum and a text whether that accepts this. *)
and predicate = { production : int; ranked : Ranked.t }

(* The cheapest term that is true on just these probes. *)
and test = { row : int; truth : int }

(* A program that would be right with a condition which is true on the probes of [on], and not on those of [off]. *)
and waiting = { program : Holes.node; on : int; off : int }

(* {1 What there is} *)

let type_name : Types.t -> string option = function Constructor (name, []) -> Some name | _ -> None
let spelling_of ty = Option.bind (type_name ty) Catalogue.spelling_of

let primitive_of = Sketch_rules.primitive_of
let has_strata production = Sketch_rules.strata_of production <> []

let is_text ty = match Option.bind (type_name ty) Catalogue.form_of with Some Text -> true | _ -> false

let is_possible ({ productions; _ } : Library.t) ~request =
  is_text (Types.return_of request)
  && Array.exists (fun production -> has_strata production || spelling_of (Types.return_of production.Library.ty) <> None) productions

let text = function Values.Text text -> text | _ -> ""

(* {1 Beginning} *)

(* Probes where the cheapest program is wrong come first, of these the shortest. *)
let in_order signature ~is_cheap_right =
  let size (inputs, _) = Array.fold_left (fun size input -> size + String.length (text input)) 0 inputs in
  List.stable_sort (fun a b -> compare (is_cheap_right a, size a) (is_cheap_right b, size b)) signature

(* An input is the cheapest program, if one has the type that is asked for. *)
let cheap_input request =
  let arguments = Types.arguments_of request and return = Types.return_of request in
  let rec last_of_type i found = function
    | [] -> found
    | ty :: rest -> last_of_type (i + 1) (if ty = return then Some i else found) rest
  in
  last_of_type 0 None arguments

let node head arguments : Holes.node = { lambdas = 0; head; reversed_arguments = List.rev arguments; code = None }

let predicates_of (library : Library.t) strata =
  let is_predicate ty = Types.return_of ty = Constructor ("bool", []) && List.length (Types.arguments_of ty) = 2 in
  let of_production i (production : Library.production) =
    match primitive_of production with
    | Some { strata = [ (0, { name; _ }) ]; _ } when is_predicate production.ty ->
      Option.map (fun ranked -> { production = i; ranked }) (List.assoc_opt name strata)
    | _ -> None
  in
  List.filter_map Fun.id (Array.to_list (Array.mapi of_production library.productions))

let conditional_of (library : Library.t) =
  let is_conditional production =
    match primitive_of production with Some { implementation = Conditional; _ } -> true | _ -> false
  in
  let rec find i =
    if i = Array.length library.productions then None else if is_conditional library.productions.(i) then Some i else find (i + 1)
  in
  find 0

let spelling_in (library : Library.t) =
  let of_production (production : Library.production) = spelling_of (Types.return_of production.ty) in
  List.find_map of_production (Array.to_list library.productions)

let create ?before (bounds : bounds) ground assembly compiled library ~request ~signature ~probes ~limits ~counts ~tick =
  let input = cheap_input request in
  let is_cheap_right (inputs, output) = match input with Some i -> Values.equal inputs.(i) output | None -> false in
  let signature = in_order signature ~is_cheap_right in
  let numbered = List.mapi (fun probe example -> (probe, is_cheap_right example)) signature in
  let others, required = List.partition snd numbered in
  let texts = List.concat_map (fun (inputs, _) -> List.filter (( <> ) "") (List.map text (Array.to_list inputs))) signature in
  let known_strata = Option.fold ~none:[] ~some:(fun before -> Round.strata before.round) before in
  let is_literal ty = spelling_of ty <> None in
  let sketching = { Round.is_literal; texts; known_strata; most_ranked = bounds.ranked; most_kept = bounds.kept } in
  let round = Round.create ~sketching ground assembly compiled library ~request ~signature ~probes ~limits ~counts ~tick in
  Symbolic.reset ();
  let inputs = List.length (Types.arguments_of request) in
  let conditional = conditional_of library in
  {
    bounds; round; library; conditional;
    wanted = Array.of_list (List.map (fun (_, output) -> text output) signature);
    required = List.map fst required;
    others = List.map fst others;
    cheap = Option.map (fun i -> node (Local (inputs - 1 - i)) []) input;
    spelling = spelling_in library;
    predicates = predicates_of library (Round.strata round);
    seen = Hashtbl.create 4096;
    conditions = Hashtbl.create 256;
    unsettled = []; grown_by = 0; grown_to = 0;
    tests_bank = (if conditional = None then None else Round.bank_of_root round (Constructor ("bool", [])));
    tests = []; known_tests = Hashtbl.create 64; tests_seen = 0; tests_level = 0; tests_tried = 0; waiting = [];
  }

(* {1 Writing what was found} *)

let production sketches name = Option.map (fun i -> Holes.Production i) (Library.find sketches.library name)

(* A text as a term; [None] if the library cannot write it. *)
let spelled sketches text =
  let constant name = Option.map (fun head -> node head []) (production sketches name) in
  let joined before character = 
    match (before, sketches.spelling) with
    | Some before, Some { character = name_of; join; _ } -> begin
      match (Option.bind (name_of character) constant, production sketches join) with
      | Some next, Some join -> Some (match before with None -> Some next | Some before -> Some (node join [ before; next ]))
      | _ -> None
    end
    | _ -> None
  in
  match sketches.spelling with
  | None -> None
  | Some { empty; _ } ->
    if text = "" then constant empty
    else Option.join (List.fold_left joined (Some None) (List.init (String.length text) (fun i -> String.make 1 text.[i])))

let rec filled ~(literal : Holes.node option) ~condition (sketch : Holes.node) : Holes.node =
  match (sketch.head, literal, condition) with
  | head, Some literal, _ when head = Holes.literal_hole -> { literal with lambdas = sketch.lambdas; code = None }
  | head, _, Some condition when head = Holes.condition_hole -> condition
  | _ -> { sketch with reversed_arguments = List.map (filled ~literal ~condition) sketch.reversed_arguments; code = None }

(* {1 Conditions within functions} *)

(* Terms of a stratum looked through for a condition at once. *)
let least_patterns = 5_000

let find_condition sketches ~from decisions =
  let of_predicate { production; ranked } =
    Option.map
      (fun rank -> node (Holes.Production production) [ Ranked.node ranked rank; node (Local 0) [] ])
      (Ranked.first_accepting ranked ~from decisions)
  in
  List.find_map of_predicate sketches.predicates

let reach sketches count = List.iter (fun { ranked; _ } -> ignore (Ranked.reach ranked count)) sketches.predicates

let condition sketches decisions =
  match Hashtbl.find_opt sketches.conditions decisions with
  | Some known -> known
  | None ->
    reach sketches least_patterns;
    let found = find_condition sketches ~from:0 decisions in
    Hashtbl.add sketches.conditions decisions found;
    found

let most_unsettled = 300

(* Once for each table of decisions: the cheapest sketch. *)
let wait sketches sketch decisions =
  let is_known = List.exists (fun unsettled -> unsettled.decisions = decisions) sketches.unsettled in
  if (not is_known) && List.length sketches.unsettled < most_unsettled then
    sketches.unsettled <- sketches.unsettled @ [ { sketch; decisions } ]

(* The terms tried for conditions may be one in so many of all, and are looked through when there are so many times as many. *)
let growing_share = 3
let growth = 1.5

let grown sketches = List.fold_left (fun count { ranked; _ } -> max count (Ranked.count ranked)) 0 sketches.predicates

let settle sketches ~settled =
  let counts = Round.counts sketches.round in
  let next = int_of_float (growth *. float_of_int (max least_patterns sketches.grown_to)) in
  if sketches.unsettled <> [] && sketches.grown_by <= counts.tried / growing_share then begin
    let before = counts.tried in
    reach sketches next;
    sketches.grown_by <- sketches.grown_by + counts.tried - before;
    let from = max least_patterns sketches.grown_to in
    sketches.grown_to <- max from (grown sketches);
    let is_open { sketch; decisions } =
      match find_condition sketches ~from decisions with
      | Some condition ->
        settled sketch condition;
        false
      | None -> true
    in
    if sketches.grown_to > from then sketches.unsettled <- List.filter is_open sketches.unsettled
  end

(* {1 Conditions at the root} *)

(* Terms of the bank of tests may be one in so many of all that are tried. *)
let tests_share = 4
let least_tests = 20_000

let look_at_test sketches (bank : Bank.t) row =
  let store = Round.store sketches.round in
  let rec truth_of probe truth =
    if probe = bank.width then Some truth
    else begin
      let number = Bank.value bank row probe in
      if number = Store.failed then None
      else begin
        match Store.value store number with
        | Bool true -> truth_of (probe + 1) (truth lor (1 lsl probe))
        | _ -> truth_of (probe + 1) truth
      end
    end
  in
  match truth_of 0 0 with
  | Some truth when not (Hashtbl.mem sketches.known_tests truth) ->
    Hashtbl.add sketches.known_tests truth ();
    sketches.tests <- { row; truth } :: sketches.tests;
    true
  | _ -> false

let fits ~on ~off { truth; _ } = truth land on = on && truth land off = 0

let with_test sketches (bank : Bank.t) { row; _ } program =
  match (sketches.conditional, sketches.cheap) with
  | Some conditional, Some cheap -> Some (node (Holes.Production conditional) [ Bank.node bank row; program; cheap ])
  | _ -> None

(* More tests, and the programs that wait for them. *)
let make_tests sketches ~found =
  match sketches.tests_bank with
  | None -> ()
  | Some bank ->
    let counts = Round.counts sketches.round in
    while sketches.tests_tried <= max least_tests (counts.tried / tests_share) && sketches.tests_level < sketches.bounds.kept do
      let before = counts.tried in
      sketches.tests_level <- sketches.tests_level + 1;
      Round.fill sketches.round bank sketches.tests_level;
      sketches.tests_tried <- sketches.tests_tried + counts.tried - before;
      for row = sketches.tests_seen to bank.count - 1 do
        if look_at_test sketches bank row then begin
          let test = List.hd sketches.tests in
          let ready, waiting = List.partition (fun { on; off; _ } -> fits ~on ~off test) sketches.waiting in
          sketches.waiting <- waiting;
          List.iter (fun { program; _ } -> Option.iter found (with_test sketches bank test program)) ready
        end
      done;
      sketches.tests_seen <- bank.count
    done

let most_waiting = 1_000

(* A program that is right on [on] and wrong on [off], with the cheap one there. *)
let between sketches program ~on ~off ~found =
  match sketches.tests_bank with
  | Some bank when sketches.cheap <> None -> begin
    match List.find_opt (fits ~on ~off) (List.rev sketches.tests) with
    | Some test -> Option.iter found (with_test sketches bank test program)
    | None ->
      if List.length sketches.waiting < most_waiting then sketches.waiting <- sketches.waiting @ [ { program; on; off } ]
  end
  | _ -> ()

(* {1 Candidates} *)

let longest_literal = 4
let quick_fuel = 3_000
let fuel = 20_000

let text_on (candidate : Round.candidate) probe = match candidate.value_on probe with Some (Text text) -> Some text | _ -> None

let may_be sketches text probe =
  if Symbolic.is_known text then String.equal text sketches.wanted.(probe)
  else Symbolic.bind ~fuel:quick_fuel ~longest:longest_literal [ (text, sketches.wanted.(probe)) ] ~accept:(fun _ -> true)

(* The texts on these probes, unless one cannot be the wanted one. *)
let rec possible_texts sketches candidate = function
  | [] -> Some []
  | probe :: rest -> begin
    match text_on candidate probe with
    | Some text when may_be sketches text probe ->
      Option.map (fun texts -> (text, sketches.wanted.(probe)) :: texts) (possible_texts sketches candidate rest)
    | _ -> None
  end

let is_new sketches texts =
  let key = Hashtbl.hash_param 256 256 texts in
  (not (Hashtbl.mem sketches.seen key))
  && begin
       Hashtbl.add sketches.seen key ();
       true
     end

(* The program that a way to bind a sketch leads to; if it is a condition that is missing, that is waited for. *)
let bound sketches sketch ({ literal; decisions } : Symbolic.binding) =
  let with_literal =
    match literal with
    | None -> Some sketch
    | Some text -> Option.map (fun literal -> filled sketch ~literal:(Some literal) ~condition:None) (spelled sketches text)
  in
  match (with_literal, List.sort compare decisions) with
  | None, _ | _, [] -> with_literal
  | Some sketch, decisions -> begin
    match condition sketches decisions with
    | Some _ as condition -> Some (filled sketch ~literal:None ~condition)
    | None ->
      wait sketches sketch decisions;
      None
  end

let mask probes = List.fold_left (fun mask probe -> mask lor (1 lsl probe)) 0 probes

let rec is_whole (node : Holes.node) =
  node.head <> Holes.literal_hole && node.head <> Holes.condition_hole && List.for_all is_whole node.reversed_arguments

(* With what else is right: where the sketch's program is wrong, the cheap one is to be chosen. *)
let complete sketches program ~found =
  let wrong = List.filter (fun probe -> not (Round.is_right_on sketches.round program probe)) sketches.others in
  if wrong = [] then found program else between sketches program ~on:(mask sketches.required) ~off:(mask wrong) ~found

let most_ways = 4

let check sketches ~found (candidate : Round.candidate) =
  match possible_texts sketches candidate sketches.required with
  | Some texts when sketches.required <> [] ->
    let rest = List.map (fun probe -> (Option.value ~default:"" (text_on candidate probe), sketches.wanted.(probe))) sketches.others in
    if is_new sketches (List.map fst (texts @ rest)) then begin
      if candidate.marks = Bank.none then complete sketches (candidate.to_node ()) ~found
      else begin
        let sketch = lazy (candidate.to_node ()) in
        let ways texts =
          let left = ref most_ways in
          ignore
            (Symbolic.bind ~fuel ~longest:longest_literal texts ~accept:(fun binding ->
                 decr left;
                 begin match bound sketches (Lazy.force sketch) binding with
                 | Some program when is_whole program -> complete sketches program ~found
                 | _ -> ()
                 end;
                 !left = 0))
        in
        ways (texts @ rest);
        if rest <> [] && candidate.marks land Bank.choice = 0 then ways texts
      end
    end
  | _ -> ()

let run sketches ~level ~found =
  make_tests sketches ~found;
  settle sketches ~settled:(fun sketch condition ->
      let program = filled sketch ~literal:None ~condition:(Some condition) in
      if is_whole program then complete sketches program ~found);
  Round.stream sketches.round level ~check:(check sketches ~found)

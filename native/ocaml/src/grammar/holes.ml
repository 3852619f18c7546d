type substitution = {
  id : int;
  types : Types.t list;  (* for each variable of the hole; canonical *)
  variables : int;  (* how many variables these have *)
}

type head = Production of int | Local of int

(* No variable has a negative index. *)
let literal_hole = Local (-2)
let condition_hole = Local (-3)

(* Where a hole stands among its parent's arguments. *)
type site = {
  context : int;  (* which weights apply *)
  excluded : int list;  (* productions that are redundant there; they keep their probability *)
  use : int;  (* of the argument, if terms are merged; else negative *)
}

(* A program of the enumeration: η-long, β-normal. *)
type node = {
  lambdas : int;
  head : head;
  reversed_arguments : node list;
  mutable code : Code.t option;  (* compiled when first evaluated *)
}

type hole = {
  number : int;  (* in its graph, from 0 *)
  site : site;
  return : Types.t;  (* no arrow *)
  environment : Types.t list;  (* innermost first *)
  variables : int;
  mutable choices : choice array;  (* by least cost; [unexpanded] at first *)
  mutable least : Cost.t;  (* no filling costs less; rises as the search learns *)
}

and choice = {
  head : head;
  cost : Cost.t;
  log_weight : float;
  leaf : node;  (* the filling itself when there are no arguments *)
  arguments : arguments;
  initial_bound : Cost.t;
  mutable bound : Cost.t;  (* no such filling costs less; rises too *)
}

(* The arguments still to fill. *)
and arguments =
  | Done of substitution
  | Next of next

and next = {
  lambdas : int;
  hole : hole;
  rest_least : Cost.t;  (* of the arguments after this one, when they depend on it *)
  independent : arguments Lazy.t option;  (* when nothing else depends on this one *)
  mutable dependent : (int, arguments) Hashtbl.t;  (* by substitution; [no_table] until there are any *)
  pending : pending;
  mutable completion : completion;
}

(* What `completions.ml` knows of the fewest nodes that fill this argument and those after it. *)
and completion =
  | Least of { nodes : int; decided : substitution }
  | More of int  (* than so many nodes, or never *)

(* What is left of a choice's typing, over the choice's own variables. *)
and pending = {
  rest : (site * Types.t) list;  (* the arguments that follow *)
  scope : Types.t list;
  exports : Types.t list;  (* what the variables of the hole filled have become *)
  of_hole : int array;  (* the variable that each variable of [hole] stands for *)
}

(* Tables by types, hashed as a whole. *)
module By_types = Hashtbl.Make (struct
  type t = site * Types.t list

  let equal ((site, types) : t) (site', types') =
    site.context = site'.context && site.use = site'.use && Types.all_equal types types' && site.excluded = site'.excluded

  let hash ((site, types) : t) =
    let hash = List.fold_left Types.hash_onto ((31 * site.use) + site.context) types * 0x2545F4914F6CDD1D in
    (hash lxor (hash lsr 32)) land max_int
end)

type t = {
  grammar : Grammar.t;
  redundant : bool;  (* whether redundant arguments are enumerated too *)
  merged : bool;  (* whether sites have uses *)
  bounds : Bounds.t;
  by_arity : int list array;  (* productions *)
  heaviest : float array;  (* by context, the greatest weight *)
  holes : hole By_types.t;
  substitutions : substitution By_types.t;
}

let by_arity (library : Library.t) =
  let arity i = List.length (Types.arguments_of library.productions.(i).ty) in
  let numbers = List.init (Array.length library.productions) Fun.id in
  let most = List.fold_left (fun most i -> max most (arity i)) 0 numbers in
  Array.init (most + 1) (fun wanted -> List.filter (fun i -> arity i = wanted) numbers)

let heaviest { Library.of_productions; of_variables } = Array.fold_left Float.max of_variables of_productions

let create ?(redundant = false) ?(merged = false) grammar =
  {
    grammar;
    redundant;
    merged;
    bounds = Bounds.compute grammar;
    by_arity = by_arity grammar.library;
    heaviest = Array.map heaviest grammar.weights;
    holes = By_types.create 256;
    substitutions = By_types.create 256;
  }

let grammar graph = graph.grammar
let size graph = By_types.length graph.holes

let leaf head = { lambdas = 0; head; reversed_arguments = []; code = None }

let unexpanded =
  [| { head = Local (-1); cost = 0; log_weight = 0.; leaf = leaf (Local (-1)); initial_bound = 0; bound = 0;
       arguments = Done { id = -1; types = []; variables = 0 } } |]

(* {1 Sharing} *)

let somewhere = { context = 0; excluded = []; use = -1 }

let count_variables types = List.fold_left (fun count ty -> max count (Types.variable_count ty)) 0 types

let substitution graph types =
  match By_types.find_opt graph.substitutions (somewhere, types) with
  | Some substitution -> substitution
  | None ->
    let substitution = { id = By_types.length graph.substitutions; types; variables = count_variables types } in
    By_types.add graph.substitutions (somewhere, types) substitution;
    substitution

let nothing_decided graph = substitution graph []

let hole graph site return environment =
  let key = (site, return :: environment) in
  match By_types.find_opt graph.holes key with
  | Some hole -> hole
  | None ->
    let hole =
      { number = By_types.length graph.holes; site; return; environment;
        variables = count_variables (return :: environment);
        choices = unexpanded; least = Bounds.lookup graph.bounds site.context return }
    in
    By_types.add graph.holes key hole;
    hole

(* {1 Arguments} *)

let rec mentions variables = function
  | Types.Variable index -> Array.exists (( = ) index) variables
  | Constructor (_, arguments) -> List.exists (mentions variables) arguments

let no_table : (int, arguments) Hashtbl.t = Hashtbl.create 1

let rec arguments graph ~rest ~scope ~exports =
  match rest with
  | [] -> Done (substitution graph (fst (Types.canonical_all exports)))
  | (site, ty) :: rest ->
    let parameters = Types.arguments_of ty in
    let site = if parameters = [] then site else { site with excluded = [] } in
    let inner = List.rev_append parameters scope in
    let canonical, of_hole = Types.canonical_all (Types.return_of ty :: inner) in
    let hole = hole graph site (List.hd canonical) (List.tl canonical) in
    let depends =
      of_hole <> [||]
      && (List.exists (mentions of_hole) exports
         || List.exists (fun (_, ty) -> mentions of_hole ty) rest
         || (rest <> [] && List.exists (mentions of_hole) scope))
    in
    let rest_least =
      List.fold_left (fun sum (site, ty) -> Cost.plus sum (Bounds.least graph.bounds site.context ty)) 0 rest
    in
    Next
      {
        lambdas = List.length parameters;
        hole;
        rest_least;
        independent = (if depends then None else Some (lazy (arguments graph ~rest ~scope ~exports)));
        dependent = no_table;
        pending = { rest; scope; exports; of_hole };
        completion = More 0;
      }

let after graph next decided =
  match next.independent with
  | Some rest -> Lazy.force rest
  | None -> begin
    match Hashtbl.find_opt next.dependent decided.id with
    | Some rest -> rest
    | None ->
      let { rest; scope; exports; of_hole } = next.pending in
      let used = count_variables (scope @ exports @ List.map snd rest) in
      let base = Array.fold_left (fun count index -> max count (index + 1)) used of_hole in
      let values = Array.make base None in
      List.iteri
        (fun i ty -> values.(of_hole.(i)) <- Some (Types.map_variables (fun v -> Variable (base + v)) ty))
        decided.types;
      let replace =
        Types.map_variables (fun index ->
            if index < base then Option.value ~default:(Types.Variable index) values.(index)
            else Types.Variable index)
      in
      let rest =
        arguments graph
          ~rest:(List.map (fun (site, ty) -> (site, replace ty)) rest)
          ~scope:(List.map replace scope) ~exports:(List.map replace exports)
      in
      if next.dependent == no_table then next.dependent <- Hashtbl.create 4;
      Hashtbl.add next.dependent decided.id rest;
      rest
  end

(* No way of filling these arguments costs less. *)
let rec least_of = function
  | Done _ -> 0
  | Next next -> Cost.plus next.hole.least (least_of_rest next)

and least_of_rest next =
  match next.independent with
  | Some rest -> least_of (Lazy.force rest)
  | None -> next.rest_least

(* {1 Choices} *)

type candidate = {
  of_head : head;
  weight : float;
  types : Types.t list;  (* of its arguments *)
  scope : Types.t list;
  exports : Types.t list;
}

(* Arguments of larger types are left out: where a production makes a pair of
   its argument's type, types double with each level. *)
let largest_type = 500

(* The candidate when its return type fits, with its types as far as that decides them. *)
let candidate hole of_head weight ~instantiate =
  let typing = Types.new_context hole.variables in
  let ty = Types.apply typing (instantiate typing) in
  if not (Types.unifies typing (Types.return_of ty) hole.return) then None
  else begin
    let apply = Types.apply typing in
    let types = List.map apply (Types.arguments_of ty) in
    if List.exists (fun ty -> Types.size_within largest_type ty > largest_type) types then None
    else Some
      {
        of_head;
        weight;
        types;
        scope = (if hole.variables = 0 then hole.environment else List.map apply hole.environment);
        exports = List.init hole.variables (fun i -> apply (Variable i));
      }
  end

(* At a hole of the continuation type, of the variables of just that type only the
   innermost is allowed: others would be other names for the same drawing. *)
let without_outer_continuations graph hole variables =
  match graph.grammar.library.continuation with
  | Some continuation when continuation = hole.return ->
    let is_innermost = ref true in
    List.filter
      (fun candidate ->
        if candidate.types <> [] then true
        else begin
          let keep = !is_innermost in
          is_innermost := false;
          keep
        end)
      variables
  | _ -> variables

let weights graph (hole : hole) = graph.grammar.weights.(hole.site.context)

let production_candidate graph (hole : hole) i =
  let weight = (weights graph hole).of_productions.(i) and { Library.ty; _ } = graph.grammar.library.productions.(i) in
  if weight = neg_infinity || Types.differ_at_head (Types.return_of ty) hole.return then None
  else candidate hole (Production i) weight ~instantiate:(fun typing -> Types.instantiate typing ty)

let variable_candidates graph (hole : hole) =
  let { Library.of_variables; _ } = weights graph hole in
  if of_variables = neg_infinity then []
  else
    List.mapi (fun i ty -> candidate hole (Local i) of_variables ~instantiate:(fun _ -> ty)) hole.environment
    |> List.filter_map Fun.id
    |> without_outer_continuations graph hole

let candidates graph (hole : hole) =
  let variables = variable_candidates graph hole in
  let shared = (weights graph hole).of_variables -. log (float_of_int (List.length variables)) in
  let productions = List.init (Array.length graph.grammar.library.productions) (production_candidate graph hole) in
  List.map (fun candidate -> { candidate with weight = shared }) variables @ List.filter_map Fun.id productions

(* Where an argument of a head stands. *)
let site_of_argument graph head position =
  let grammar = graph.grammar in
  match head with
  | Local _ -> { somewhere with context = Grammar.under_variable grammar }
  | Production i ->
    let parent = grammar.library.productions.(i) in
    let redundant =
      if graph.redundant || parent.definition <> None then [] else Catalogue.redundant_at parent.name position
    in
    let is_primitive i = grammar.library.productions.(i).definition = None in
    let excluded = List.filter is_primitive (List.filter_map (Library.find grammar.library) redundant) in
    let use = if graph.merged && parent.definition = None then Catalogue.use_at parent.name position else -1 in
    { context = Grammar.argument_context grammar i position; excluded; use }

let is_excluded (site : site) = function
  | Production i -> site.excluded <> [] && List.mem i site.excluded
  | Local 0 -> ( match Catalogue.use site.use with Some { own_variable; _ } -> not own_variable | None -> false)
  | Local _ -> false

let arguments_of graph { of_head; types; scope; exports; _ } =
  let rest = List.mapi (fun position ty -> (site_of_argument graph of_head position, ty)) types in
  arguments graph ~rest ~scope ~exports

let choice graph total ({ of_head; weight; _ } as candidate) =
  let arguments = arguments_of graph candidate in
  let log_weight = weight -. total in
  let cost = max 0 (Cost.of_nats (-.log_weight)) in
  let bound = Cost.plus cost (least_of arguments) in
  { head = of_head; cost; log_weight; leaf = leaf of_head; arguments; initial_bound = bound; bound }

let least_choice (choices : choice array) =
  Array.fold_left (fun least (choice : choice) -> min least choice.bound) Cost.infinite choices

let raise_least hole = hole.least <- max hole.least (least_choice hole.choices)

let choices graph (hole : hole) =
  if hole.choices == unexpanded then begin
    let candidates = candidates graph hole in
    let total = Cost.log_sum_exp (List.map (fun candidate -> candidate.weight) candidates) in
    let wanted = List.filter (fun candidate -> not (is_excluded hole.site candidate.of_head)) candidates in
    let choices = List.map (choice graph total) wanted in
    let possible = List.filter (fun (choice : choice) -> Cost.is_finite choice.bound) choices in
    let sorted = List.stable_sort (fun a b -> compare a.initial_bound b.initial_bound) possible in
    hole.choices <- Array.of_list sorted;
    raise_least hole
  end;
  hole.choices

(* Less than [choices] ever leaves out: there is no sum of weights here to compare with. *)
let too_improbable = 90_000.

let with_arity graph (hole : hole) arity =
  let least = graph.heaviest.(hole.site.context) -. too_improbable in
  let has_arity { types; weight; _ } = List.compare_length_with types arity = 0 && weight > least in
  let productions = if arity < Array.length graph.by_arity then graph.by_arity.(arity) else [] in
  List.filter has_arity (variable_candidates graph hole)
  @ List.filter has_arity (List.filter_map (production_candidate graph hole) productions)
  |> List.filter (fun candidate -> not (is_excluded hole.site candidate.of_head))
  |> List.map (arguments_of graph)
  |> List.filter (fun arguments -> Cost.is_finite (least_of arguments))

let raise_bound choice bound = choice.bound <- bound
let learn_completion next completion = next.completion <- completion

let root graph request =
  let request = Types.canonical request in
  match arguments graph ~rest:[ ({ somewhere with context = Grammar.start graph.grammar }, request) ] ~scope:[] ~exports:[] with
  | Next next -> next
  | Done _ -> assert false

(* {1 Text} *)

let rec write library buffer (node : node) =
  for _ = 1 to node.lambdas do Buffer.add_string buffer "(lambda " done;
  if node.reversed_arguments <> [] then Buffer.add_char buffer '(';
  (match node.head with
  | Production i -> Buffer.add_string buffer library.Library.productions.(i).name
  | Local i ->
    Buffer.add_char buffer '$';
    Buffer.add_string buffer (string_of_int i));
  if node.reversed_arguments <> [] then begin
    List.iter
      (fun argument ->
        Buffer.add_char buffer ' ';
        write library buffer argument)
      (List.rev node.reversed_arguments);
    Buffer.add_char buffer ')'
  end;
  for _ = 1 to node.lambdas do Buffer.add_char buffer ')' done

let to_string library node =
  let buffer = Buffer.create 128 in
  write library buffer node;
  Buffer.contents buffer

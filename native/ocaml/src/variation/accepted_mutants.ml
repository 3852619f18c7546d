type settings = {
  request : Types.t;
  chances : Line_mutation.chances;
  limits : Evaluation.limits;
  count : int;
  most_tries : int;
  any_depth : bool;
}

type mutant = { text : string; parent : string }

type counts = {
  mutable tried : int;
  mutable unfit : int;
  mutable invalid : int;
  mutable identity : int;
  mutable duplicate : int;
}

type answer = { mutants : mutant list array; wrong : (int * string) list; counts : counts }

(* {1 Behaviors} *)

exception Invalid

let is_valid : Values.t -> bool = function Grid grid -> Grid.is_of_task grid | _ -> true

(* Values of the type of a grid that are none, as ragged rows. *)
let is_valid_for (return : Types.t) =
  match return with
  | Constructor (name, []) when Catalogue.form_of name = Some Grid -> (
    function Values.Grid grid -> Grid.is_of_task grid | _ -> false)
  | _ -> is_valid

(* In cells, of 16 bytes or so. *)
let most_cells = 8_000_000

(* A graph has a node for every line that a mutant had; with so many a new one begins. *)
let most_programs = 20_000

type runner = {
  heads : Compile.t;
  limits : Evaluation.limits;
  inputs : Values.t array array;
  valid : Values.t -> bool;
  view : (Values.t -> Values.t) option;  (* of what draws, which runs alone *)
  mutable graph : Sharing.t;
  mutable programs : int;  (* in the graph *)
}

let new_graph heads limits inputs =
  let graph = Sharing.create heads limits ~most_cells in
  Sharing.set_inputs graph inputs;
  graph

let runner heads settings limits inputs =
  let return = Types.return_of settings.request in
  let view = Option.map (fun (drawing : Base_type.drawing) value -> Values.Text (drawing.trace value)) (Catalogue.drawing_of return) in
  {
    heads; limits; inputs; valid = is_valid_for return; view; graph = new_graph heads limits inputs; programs = 0;
  }

let run_shared runner term =
  if runner.programs >= most_programs then begin
    runner.graph <- new_graph runner.heads runner.limits runner.inputs;
    runner.programs <- 0
  end;
  runner.programs <- runner.programs + 1;
  let program = Sharing.program runner.graph term in
  fun input -> Sharing.run runner.graph program input

let run_alone runner view term =
  let program = Evaluation.program_of_term runner.heads term in
  fun input -> Evaluation.run_program ~view runner.limits program runner.inputs.(input)

(* What a program gives for each input. *)
let behavior runner term =
  let run = Option.fold ~none:(run_shared runner) ~some:(run_alone runner) runner.view term in
  let output i _ =
    match (run i : Evaluation.outcome) with
    | Value value when runner.valid value -> value
    | Value _ | Error _ | Fuel | Memory _ -> raise_notrace Invalid
  in
  match Array.mapi output runner.inputs with outputs -> Some outputs | exception Invalid -> None

let is_identity runner outputs =
  let parameters = if runner.inputs = [||] then 0 else Array.length runner.inputs.(0) in
  let gives_back position = Array.for_all2 (fun inputs output -> Values.equal inputs.(position) output) runner.inputs outputs in
  List.exists gives_back (List.init parameters Fun.id)

(* {1 Limits} *)

(* A mutant may take so many times what its parent takes; most that take more never end. *)
let slower = 4

(* Less than this bounds nothing that matters. *)
let least = { Evaluation.fuel = 2_000; size = 20_000 }

let largest (a : Evaluation.limits) (b : Evaluation.limits) =
  { Evaluation.fuel = Int.max a.fuel b.fuel; size = Int.max a.size b.size }

(* The limits for mutants of a program: all that is allowed where the program itself fails. *)
let limits_for heads (limits : Evaluation.limits) inputs term =
  let program = Evaluation.program_of_term heads term in
  let taken (most : Evaluation.limits) inputs =
    match Evaluation.run_program limits program inputs with
    | Value _ ->
      let used = { Evaluation.fuel = limits.fuel - Budget.steps_left (); size = limits.size - Budget.cells_left () } in
      largest most { fuel = slower * used.fuel; size = slower * used.size }
    | Error _ | Fuel | Memory _ -> limits
  in
  let { Evaluation.fuel; size } = Array.fold_left taken least inputs in
  { Evaluation.fuel = Int.min fuel limits.fuel; size = Int.min size limits.size }

(* {1 The search} *)

type given = { number : int; text : string; parent : Line_mutation.parent; seed : int; within : Evaluation.limits }

type search = {
  mutation : Line_mutation.t;
  settings : settings;
  counts : counts;
  texts : (string, unit) Hashtbl.t;
  behaviors : Inputs.t;
}

let is_new search outputs =
  let before = Inputs.count search.behaviors in
  Inputs.number_of search.behaviors outputs = before

let read search heads inputs number (text, seed) =
  let { request; limits; _ } = search.settings in
  match
    let term = Failure.parse_term text in
    (term, Line_mutation.parent search.mutation ~request term)
  with
  | term, parent ->
    Hashtbl.replace search.texts (Terms.to_string (Lines.to_term (Lines.of_term term))) ();
    let runner = runner heads search.settings limits inputs in
    Option.iter (fun outputs -> ignore (is_new search outputs)) (behavior runner term);
    Ok { number; text; parent; seed; within = limits_for heads limits inputs term }
  | exception Failure.Error (_, message) -> Error (number, message)
  | exception Stack_overflow -> Error (number, "it is nested too deeply")

let judged search runner term =
  let counts = search.counts in
  match behavior runner term with
  | None -> counts.invalid <- counts.invalid + 1; false
  | Some outputs when is_identity runner outputs -> counts.identity <- counts.identity + 1; false
  | Some outputs when is_new search outputs -> true
  | Some _ -> counts.duplicate <- counts.duplicate + 1; false

(* The mutant of one try, if it is accepted. *)
let attempt search runner random parent =
  let counts = search.counts in
  counts.tried <- counts.tried + 1;
  match Line_mutation.mutant search.mutation search.settings.chances random parent with
  | None ->
    counts.unfit <- counts.unfit + 1;
    None
  | Some term ->
    let text = Terms.to_string term in
    if Hashtbl.mem search.texts text then begin
      counts.duplicate <- counts.duplicate + 1;
      None
    end
    else begin
      Hashtbl.add search.texts text ();
      if judged search runner term then Some (term, text) else None
    end

(* Tries until so many are accepted; [parent_of] draws the parent of the next, and [accept] takes a mutant. *)
let repeat search runner random ~wanted ~parent_of ~accept =
  let rec more accepted tries =
    if accepted < wanted && tries > 0 then begin
      let text, parent = parent_of random in
      match attempt search runner random parent with
      | None -> more accepted (tries - 1)
      | Some (term, mutant) ->
        accept term { text = mutant; parent = text };
        more (accepted + 1) (tries - 1)
    end
  in
  more 0 (wanted * search.settings.most_tries)

(* The mutants of one of the given programs. *)
let of_given search heads inputs given =
  let found = ref [] in
  repeat search
    (runner heads search.settings given.within inputs)
    (Splitmix.create given.seed) ~wanted:search.settings.count
    ~parent_of:(fun _ -> (given.text, given.parent))
    ~accept:(fun _ mutant -> found := mutant :: !found);
  List.rev !found

(* The mutants of all that are given and of their mutants. *)
let of_population search heads inputs givens =
  let { request; count; _ } = search.settings in
  let first = Array.of_list (List.map (fun given -> (given.text, given.parent)) givens) in
  let wanted = count * Array.length first in
  let population = Array.append first (Array.make wanted first.(0)) and size = ref (Array.length first) in
  let found = ref [] in
  let accept term (mutant : mutant) =
    population.(!size) <- (mutant.text, Line_mutation.parent search.mutation ~request term);
    incr size;
    found := mutant :: !found
  in
  let within = List.fold_left (fun limits given -> largest limits given.within) least givens in
  let seed = List.fold_left (fun seed given -> seed lxor given.seed) 0 givens in
  repeat search
    (runner heads search.settings within inputs)
    (Splitmix.create seed) ~wanted
    ~parent_of:(fun random -> population.(Splitmix.below random !size))
    ~accept;
  List.rev !found

let find mutation heads settings ~inputs programs =
  let counts = { tried = 0; unfit = 0; invalid = 0; identity = 0; duplicate = 0 } in
  let search = { mutation; settings; counts; texts = Hashtbl.create 256; behaviors = Inputs.create () } in
  let read = List.mapi (read search heads inputs) programs in
  let wrong = List.filter_map (function Error wrong -> Some wrong | Ok _ -> None) read in
  let givens = List.filter_map Result.to_option read in
  let mutants = Array.make (List.length programs) [] in
  if not settings.any_depth then
    List.iter (fun given -> mutants.(given.number) <- of_given search heads inputs given) givens
  else if givens <> [] then mutants.((List.hd givens).number) <- of_population search heads inputs givens;
  { mutants; wrong; counts }

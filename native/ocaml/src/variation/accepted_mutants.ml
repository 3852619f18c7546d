type settings = {
  request : Types.t;
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

let runner heads settings inputs =
  let return = Types.return_of settings.request in
  let view = Option.map (fun (drawing : Base_type.drawing) value -> Values.Text (drawing.trace value)) (Catalogue.drawing_of return) in
  {
    heads; limits = settings.limits; inputs; valid = is_valid_for return; view;
    graph = new_graph heads settings.limits inputs; programs = 0;
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

(* {1 The search} *)

let find mutation heads settings ~inputs programs =
  let runner = runner heads settings inputs in
  let counts = { tried = 0; unfit = 0; invalid = 0; identity = 0; duplicate = 0 } in
  let texts = Hashtbl.create 256 and behaviors = Inputs.create () in
  let is_new outputs =
    let before = Inputs.count behaviors in
    Inputs.number_of behaviors outputs = before
  in
  let read number (text, seed) =
    match
      let term = Failure.parse_term text in
      (term, Line_mutation.parent mutation ~request:settings.request term)
    with
    | term, parent ->
      Hashtbl.replace texts (Terms.to_string (Lines.to_term (Lines.of_term term))) ();
      Option.iter (fun outputs -> ignore (is_new outputs)) (behavior runner term);
      Ok (number, text, parent, seed)
    | exception Failure.Error (_, message) -> Error (number, message)
    | exception Stack_overflow -> Error (number, "it is nested too deeply")
  in
  let read = List.mapi read programs in
  let wrong = List.filter_map (function Error wrong -> Some wrong | Ok _ -> None) read in
  let parents = List.filter_map Result.to_option read in
  let mutants = Array.make (List.length programs) [] in
  (* The mutant of one try, if it is accepted. *)
  let attempt random parent =
    counts.tried <- counts.tried + 1;
    match Line_mutation.mutant mutation random parent with
    | None ->
      counts.unfit <- counts.unfit + 1;
      None
    | Some term ->
      let text = Terms.to_string term in
      if Hashtbl.mem texts text then begin
        counts.duplicate <- counts.duplicate + 1;
        None
      end
      else begin
        Hashtbl.add texts text ();
        match behavior runner term with
        | None ->
          counts.invalid <- counts.invalid + 1;
          None
        | Some outputs when is_identity runner outputs ->
          counts.identity <- counts.identity + 1;
          None
        | Some outputs when is_new outputs -> Some (term, text)
        | Some _ ->
          counts.duplicate <- counts.duplicate + 1;
          None
      end
  in
  let of_given (number, text, parent, seed) =
    let random = Splitmix.create seed in
    let rec more accepted tries =
      if accepted < settings.count && tries > 0 then begin
        match attempt random parent with
        | None -> more accepted (tries - 1)
        | Some (_, mutant) ->
          mutants.(number) <- { text = mutant; parent = text } :: mutants.(number);
          more (accepted + 1) (tries - 1)
      end
    in
    more 0 (settings.count * settings.most_tries)
  in
  let of_population () =
    let wanted = settings.count * List.length parents in
    let first = List.map (fun (_, text, parent, _) -> (text, parent)) parents in
    let population = Array.make (List.length first + wanted) (List.hd first) in
    List.iteri (fun i member -> population.(i) <- member) first;
    let seed = List.fold_left (fun seed (_, _, _, own) -> seed lxor own) 0 parents in
    let random = Splitmix.create seed in
    let rec more size accepted tries =
      if accepted < wanted && tries > 0 then begin
        let text, parent = population.(Splitmix.below random size) in
        match attempt random parent with
        | None -> more size accepted (tries - 1)
        | Some (term, mutant) ->
          population.(size) <- (mutant, Line_mutation.parent mutation ~request:settings.request term);
          mutants.(0) <- { text = mutant; parent = text } :: mutants.(0);
          more (size + 1) (accepted + 1) (tries - 1)
      end
    in
    more (List.length first) 0 (wanted * settings.most_tries)
  in
  if settings.any_depth then (if parents <> [] then of_population ()) else List.iter of_given parents;
  { mutants = Array.map List.rev mutants; wrong; counts }

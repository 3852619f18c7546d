open Failure
open Protocol

type task = { inputs : int array; outputs : Values.t array }  (* numbers of inputs, the smallest first *)

(* Inputs are evaluated in blocks of about so many, so that what is known of a block can be kept. *)
let most_inputs = 32

(* In cells, of 16 bytes or so. *)
let most_cells = 8_000_000

let size inputs = Array.fold_left (fun size value -> size + Judge.value_size value) 0 inputs

let task_of comparison numbers (examples : Search.example list) =
  let by_size (a : Search.example) (b : Search.example) = Int.compare (size a.inputs) (size b.inputs) in
  let examples = Array.of_list (List.stable_sort by_size examples) in
  {
    inputs = Array.map (fun (example : Search.example) -> Inputs.number_of numbers example.inputs) examples;
    outputs = Array.map (fun (example : Search.example) -> comparison.Comparison.wanted example.output) examples;
  }

let is_right run fits { inputs; outputs } i =
  match (run inputs.(i) : Evaluation.outcome) with
  | Value value -> fits value outputs.(i)
  | Error _ | Fuel | Memory _ -> false

(* How many examples are right before the first that is wrong. *)
let right_of run fits task =
  let rec right i = if i < Array.length task.inputs && is_right run fits task i then right (i + 1) else i in
  right 0

(* One if some example is right, which is the last to be tried. *)
let some_right run fits task =
  let rec right i = if i = Array.length task.inputs then 0 else if is_right run fits task i then 1 else right (i + 1) in
  right 0

type block = { first : int; tasks : task array; distinct : Values.t array array }

let blocks comparison listed =
  let block_of (first, listed) =
    let numbers = Inputs.create () in
    let tasks = Array.of_list (List.map (task_of comparison numbers) (List.rev listed)) in
    { first; tasks; distinct = Inputs.distinct numbers }
  in
  let add (blocks, first, block, count, number) examples =
    let count' = count + List.length examples in
    if block <> [] && count' > most_inputs then ((first, block) :: blocks, number, [ examples ], List.length examples, number + 1)
    else (blocks, first, examples :: block, count', number + 1)
  in
  let blocks, first, block, _, _ = List.fold_left add ([], 0, [], 0, 0) listed in
  List.rev_map block_of (if block = [] then blocks else (first, block) :: blocks)

let judge json : json =
  let prepared = prepared_of json in
  let heads = Prepared.compiled prepared and limits = limits_of json and request = request_of json in
  let type_of_name = Library.type_of_name (Prepared.library prepared) in
  let started = Sys.time () in
  let program_of json =
    let text = Json.text ~what:"a program" json in
    match
      let term = parse_term text in
      Inference.check_fits ~type_of_name term request;
      term
    with
    | term -> Result.Ok term
    | exception Error (kind, message) -> Result.Error (kind, message)
  in
  let terms = Array.of_list (Json.map program_of (Json.required_list "programs" json)) in
  let examples position json = Search_requests.(examples_of (task_of position json) ~request json) in
  let comparison = Comparison.of_type (Types.return_of request) in
  let draws = Catalogue.drawing_of (Types.return_of request) <> None in
  let listed = List.mapi examples (Json.required_list "tasks" json) in
  let counted = if Json.(with_default false boolean "any" json) then some_right else right_of in
  let graph = Sharing.create heads limits ~most_cells in
  let runnable term =
    if draws then begin
      let program = Evaluation.program_of_term heads term in
      fun inputs input -> Evaluation.run_program ~view:comparison.view limits program inputs.(input)
    end
    else begin
      let program = Sharing.program graph term in
      fun _ input -> Sharing.run graph program input
    end
  in
  let programs = Array.map (Result.map runnable) terms in
  let found = Array.map (fun _ -> []) terms in
  let judge_block { first; tasks; distinct } =
    Sharing.set_inputs graph distinct;
    let judge_program number run =
      Array.iteri
        (fun i task ->
          let right = counted (run distinct) comparison.fits task in
          if right > 0 then found.(number) <- (first + i, right) :: found.(number))
        tasks
    in
    Array.iteri (fun number program -> Result.iter (judge_program number) program) programs
  in
  List.iter judge_block (blocks comparison listed);
  let answer number = function
    | Result.Error (kind, message) -> wrong kind message
    | Ok _ ->
      let pair (task, right) : json = `List [ `Int task; `Int right ] in
      `Assoc [ ("right", `List (List.rev_map pair found.(number))) ]
  in
  `Assoc
    [
      ("results", `List (Array.to_list (Array.mapi answer programs)));
      ("evaluations", `Int (Sharing.evaluations graph));
      ("cpu_seconds", `Float (Sys.time () -. started));
    ]

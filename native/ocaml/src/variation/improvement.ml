type example = { inputs : Values.t array option; output : Values.t option }

type settings = {
  mutation : Mutation.settings;
  limits : Evaluation.limits;
  examples : example array;
  most : int;
  drift : bool;
}

type found = { text : string; right : int }
type t = { found : found option; examined : int; run : int }

(* What cannot be run at all is worse than what is never right. *)
let rejected = -1

(* {1 Judging} *)

let is_right (comparison : Comparison.t) outcome output =
  match (outcome, output) with
  | Evaluation.Value value, Some output -> comparison.fits value output
  | Value _, None | (Error _ | Fuel | Memory _), _ -> false

(* On how many examples the program is right, or less than [least] if that is fewer than those. *)
let count_right (comparison : Comparison.t) limits examples (program : Evaluation.program) ~least =
  let count = Array.length examples and { Comparison.view; _ } = comparison in
  (* A closed body gives the same for all inputs. *)
  let constant = lazy (Evaluation.run ~view limits program.body Empty) in
  let outcome inputs =
    if program.body.free = 0 && program.parameters = Array.length inputs then Lazy.force constant
    else Evaluation.run_program ~view limits program inputs
  in
  let rec add right i =
    if i = count || right + count - i < least then right
    else begin
      let { inputs; output } = examples.(i) in
      match inputs with
      | Some inputs when is_right comparison (outcome inputs) output -> add (right + 1) (i + 1)
      | Some _ | None -> add right (i + 1)
    end
  in
  add 0 0

(* A text can be nested too deeply to be read. *)
let is_rejected library request text =
  String.length text > Terms.deepest
  &&
  match Inference.check_fits ~type_of_name:(Library.type_of_name library) (Failure.parse_term text) request with
  | () -> false
  | exception Failure.Error _ -> true

(* {1 Searching} *)

let step (mutation : Mutation.t) assembly settings ~seed program ~right =
  let library = mutation.grammar.library in
  let comparison = Comparison.of_type (Types.return_of settings.mutation.request) in
  let wanted example = { example with output = Option.map comparison.wanted example.output } in
  let examples = Array.map wanted settings.examples in
  let judged text derivation ~least =
    if is_rejected library settings.mutation.request text then rejected
    else
      Assembly.of_derivation assembly derivation |> Evaluation.program
      |> count_right comparison settings.limits examples ~least
  in
  (* Whether each text met is as good as the program; none was better. *)
  let seen = Hashtbl.create 64 in
  Hashtbl.add seen program true;
  let rec search (parent : Mutation.parent) examined run =
    let ended () = { found = None; examined; run } in
    let parent =
      if Mutation.renew_if_large mutation then Mutation.parent mutation settings.mutation parent.text else parent
    in
    if examined = settings.most then ended ()
    else begin
      match Mutation.derive mutation settings.mutation parent ~seed ~index:examined with
      | None -> ended ()
      | Some derivation -> begin
        let text = Derivation.to_string library derivation in
        match Hashtbl.find_opt seen text with
        | Some as_good -> go_on parent (examined + 1) run text as_good
        | None ->
          let found = judged text derivation ~least:(if settings.drift then right else right + 1) in
          let examined = examined + 1 and run = run + 1 in
          if found > right then { found = Some { text; right = found }; examined; run }
          else begin
            Hashtbl.add seen text (found = right);
            go_on parent examined run text (found = right)
          end
      end
    end
  and go_on parent examined run text as_good =
    search (if as_good && settings.drift then Mutation.parent mutation settings.mutation text else parent) examined run
  in
  search (Mutation.parent mutation settings.mutation program) 0 0

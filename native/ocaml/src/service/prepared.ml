type weighted = { grammar : Grammar.t; mutable mutation : Mutation.t option }

type t = {
  library : Library.t;
  compiled : Compile.t Lazy.t;
  line_mutation : Line_mutation.t Lazy.t;
  mutable weighted : (Json.t option * weighted) list;  (* most recently used first *)
}

let prepare json =
  let library = Library_json.read json in
  Library.check ~evaluated:false library;
  let compiled =
    lazy
      (Library.check ~evaluated:true library;
       Compile.library library)
  in
  { library; compiled; line_mutation = lazy (Line_mutation.create library); weighted = [] }

(* The last library. *)
let last : (Json.t * t) option ref = ref None

let of_json json =
  if Memory.is_crowded () then begin
    last := None;
    Gc.compact ()
  end;
  match !last with
  | Some (known, prepared) when known = json -> prepared
  | _ ->
    let prepared = prepare json in
    last := Some (json, prepared);
    prepared

let library prepared = prepared.library
let compiled prepared = Lazy.force prepared.compiled
let line_mutation prepared = Lazy.force prepared.line_mutation

(* {1 Weights} *)

let most_weights = 8

let weigh prepared weights =
  let contexts = Option.map (Library_json.contexts prepared.library) weights in
  let library = Option.fold ~none:prepared.library ~some:(Library.with_contexts prepared.library) contexts in
  { grammar = Grammar.of_library library; mutation = None }

let weighted prepared weights =
  let found, others = List.partition (fun (known, _) -> known = weights) prepared.weighted in
  let weighted = match found with (_, weighted) :: _ -> weighted | [] -> weigh prepared weights in
  prepared.weighted <- (weights, weighted) :: List.filteri (fun i _ -> i < most_weights - 1) others;
  weighted

let grammar prepared ~weights = (weighted prepared weights).grammar

(* {1 Mutation} *)

let holes weighted = Option.fold ~none:0 ~some:(fun mutation -> Mutation.holes mutation) weighted.mutation

(* Drops the graphs that do not fit beside those used more recently, so that memory is bounded. *)
let forget_beyond most prepared =
  let keep kept (_, weighted) =
    let kept' = kept + holes weighted in
    if kept' < most then kept'
    else begin
      weighted.mutation <- None;
      kept
    end
  in
  ignore (List.fold_left keep 0 prepared.weighted)

let mutation prepared ~weights =
  let weighted = weighted prepared weights in
  forget_beyond Mutation.most_holes prepared;
  match weighted.mutation with
  | Some mutation -> mutation
  | None ->
    let mutation = Mutation.create weighted.grammar in
    weighted.mutation <- Some mutation;
    mutation

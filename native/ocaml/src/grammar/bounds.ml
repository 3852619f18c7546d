type t = {
  by_head : (string, Cost.t) Hashtbl.t array;  (* by context *)
  other : Cost.t array;  (* heads that no production mentions *)
  any : Cost.t array;  (* types not known yet *)
}

let lookup bounds context (return : Types.t) =
  match return with
  | Variable _ -> bounds.any.(context)
  | Constructor (name, _) -> begin
    match Hashtbl.find_opt bounds.by_head.(context) name with
    | Some cost -> cost
    | None -> bounds.other.(context)
  end

let least bounds context ty = lookup bounds context (Types.return_of ty)

(* {1 The rules of one context and head}

   A choice is cheapest where it has the fewest rivals, and the rivals that are
   there for *every* type with that head are the productions that return a bare
   variable or the constructor applied to distinct variables. *)

type argument_head = Known of string | The_same | Unknown

type rule = { production : int; arguments : argument_head list }

let distinct_variables arguments =
  let variables = List.filter_map (function Types.Variable i -> Some i | Constructor _ -> None) arguments in
  List.length variables = List.length arguments
  && List.length (List.sort_uniq compare variables) = List.length arguments

let returns_always return = match return with
  | Types.Variable _ -> true
  | Constructor (_, arguments) -> distinct_variables arguments

let rule production (ty : Types.t) =
  let return = Types.return_of ty in
  let argument_head argument =
    match Types.return_of argument with
    | Constructor (name, _) -> Known name
    | Variable i -> if return = Variable i then The_same else Unknown
  in
  { production; arguments = List.map argument_head (Types.arguments_of ty) }

let rec heads_of found (ty : Types.t) =
  match ty with
  | Variable _ -> found
  | Constructor (name, arguments) ->
    List.fold_left heads_of (if List.mem name found then found else name :: found) arguments

let some_other = "\000other"

(* For a context and a head: the least that a variable costs, and the rules, each
   with the least it costs without its arguments. *)
let choices (grammar : Grammar.t) context head =
  let { Library.of_productions; of_variables } = grammar.weights.(context) in
  let matching = ref [] in
  Array.iteri
    (fun i (p : Library.production) ->
      let return = Types.return_of p.ty in
      let fits = match return with Variable _ -> true | Constructor (name, _) -> name = head in
      if fits && of_productions.(i) > neg_infinity then
        matching := (rule i p.ty, of_productions.(i), returns_always return) :: !matching)
    grammar.library.productions;
  let always = List.filter_map (fun (_, w, always) -> if always then Some w else None) !matching in
  (* Two units less: rounding must not lift a bound above what it bounds. *)
  let own w among =
    let cost = Cost.of_nats (Cost.log_sum_exp among -. w) in
    if Cost.is_finite cost then max 0 (cost - 2) else cost
  in
  let of_rule (rule, w, is_always) = (rule, own w (if is_always then always else w :: always)) in
  let variable = if of_variables = neg_infinity then Cost.infinite else own of_variables (of_variables :: always) in
  (head, variable, List.map of_rule !matching)

let compute (grammar : Grammar.t) =
  let productions = grammar.library.productions in
  let production_types = Array.to_list (Array.map (fun (p : Library.production) -> p.ty) productions) in
  let heads = some_other :: List.filter (( <> ) "->") (List.fold_left heads_of [] production_types) in
  let contexts = Array.length grammar.weights in
  let by_head =
    Array.init contexts (fun _ ->
        let table = Hashtbl.create 16 in
        List.iter (fun head -> Hashtbl.replace table head Cost.infinite) heads;
        table)
  in
  let any = Array.make contexts Cost.infinite in
  let choices = Array.init contexts (fun context -> List.map (choices grammar context) heads) in
  let of_argument context head = function
    | Known name -> Hashtbl.find by_head.(context) name
    | The_same -> Hashtbl.find by_head.(context) head
    | Unknown -> any.(context)
  in
  let changed = ref true in
  while !changed do
    changed := false;
    for context = 0 to contexts - 1 do
      List.iter
        (fun (head, variable, rules) ->
          let of_rule (rule, own) =
            let add (position, total) argument =
              let context = Grammar.argument_context grammar rule.production position in
              (position + 1, Cost.plus total (of_argument context head argument))
            in
            snd (List.fold_left add (0, own) rule.arguments)
          in
          let best = List.fold_left (fun best rule -> min best (of_rule rule)) variable rules in
          if best < Hashtbl.find by_head.(context) head then begin
            changed := true;
            Hashtbl.replace by_head.(context) head best;
            any.(context) <- min any.(context) best
          end)
        choices.(context)
    done
  done;
  { by_head; any; other = Array.map (fun table -> Hashtbl.find table some_other) by_head }

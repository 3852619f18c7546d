open Holes

exception Stop

type t = {
  graph : Holes.t;
  mutable expansions : int;  (* holes expanded *)
  mutable cut_by_depth : bool;
  tick : unit -> unit;  (* called now and then; may raise {!Stop} *)
  merging : Merging.t option;
  terms : (int, terms) Hashtbl.t;  (* of holes whose terms are merged *)
}

(* The cheapest terms of different values that fill a hole. *)
and terms = {
  mutable listed : (Cost.t * node) array;  (* all that cost less than [limit], by cost *)
  mutable limit : Cost.t;
  mutable beyond : Cost.t;  (* no other costs less *)
  mutable under_way : Cost.t;  (* the limit of a list that is being made, infinite if none is *)
}

let deepest = 400
let ticks_every = 4096

let expansions search = search.expansions

let create ?(tick = ignore) ?merging graph =
  { graph; expansions = 0; cut_by_depth = false; tick; merging; terms = Hashtbl.create 64 }

let under lambdas (node : node) = if lambdas = 0 then node else { node with lambdas; code = None }

(* {1 Merged terms} *)

(* Lists are made up to multiples of this. The first search of a hole in a window usually has the highest limit. *)
let list_step = Cost.of_nats 0.1

let terms_of search (hole : hole) =
  match Hashtbl.find_opt search.terms hole.number with
  | Some terms -> terms
  | None ->
    let terms = { listed = [||]; limit = 0; beyond = 0; under_way = Cost.infinite } in
    Hashtbl.add search.terms hole.number terms;
    terms

(* The first term of each value, and every term without one; [fillings] are in order of cost. *)
let distinct merging hole fillings =
  let known = Hashtbl.create 256 in
  let is_new (_, node) =
    match Merging.value merging hole node with
    | Unknown -> true
    | Unneeded -> false
    | Same_as value when Hashtbl.mem known value -> false
    | Same_as value ->
      Hashtbl.add known value ();
      true
  in
  List.filter is_new fillings

(* {1 Filling holes} *)

(* Calls [found cost node substitution] for each filling of [hole] that costs less
   than [limit]. Returns a bound: no filling that was left out costs less. *)
let rec fill search (hole : hole) ~limit ~depth found : Cost.t =
  match search.merging with
  | Some merging when Merging.applies merging hole -> fill_merged search merging hole ~limit ~depth found
  | _ -> fill_all search hole ~limit ~depth found

and fill_merged search merging hole ~limit ~depth found =
  let terms = terms_of search hole in
  if limit > terms.limit && limit >= terms.under_way then
    (* Below a choice that costs nothing, while the list is made. *)
    fill_all search hole ~limit ~depth found
  else begin
    if limit > terms.limit then extend_terms search merging hole terms ~limit;
    let { listed; beyond; _ } = terms in
    let substitution = Holes.nothing_decided search.graph in
    let rec each i =
      if i = Array.length listed then beyond
      else begin
        let cost, node = listed.(i) in
        if cost >= limit then cost
        else begin
          found cost node substitution;
          each (i + 1)
        end
      end
    in
    each 0
  end

and extend_terms search merging hole terms ~limit =
  let rounded = (limit + list_step - 1) / list_step * list_step in
  let limit = if rounded < terms.under_way then rounded else limit in
  let before = terms.under_way in
  terms.under_way <- limit;
  let reversed = ref [] in
  let beyond =
    fill_all search hole ~limit ~depth:deepest (fun cost node _ -> reversed := (cost, node) :: !reversed)
  in
  let fillings = List.stable_sort (fun ((a : Cost.t), _) (b, _) -> compare a b) (List.rev !reversed) in
  terms.listed <- Array.of_list (distinct merging hole fillings);
  terms.limit <- limit;
  terms.beyond <- max limit beyond;
  terms.under_way <- before

and fill_all search hole ~limit ~depth found =
  search.expansions <- search.expansions + 1;
  if search.expansions land (ticks_every - 1) = 0 then search.tick ();
  let choices = Holes.choices search.graph hole in
  let missed = ref Cost.infinite in
  let learned = ref false in
  let rec each i =
    if i < Array.length choices then begin
      let choice = choices.(i) in
      if choice.initial_bound >= limit then missed := min !missed choice.initial_bound
      else begin
        if choice.bound >= limit then missed := min !missed choice.bound
        else begin
          match choice.arguments with
          | Done substitution -> found choice.cost choice.leaf substitution
          | Next next ->
            let missed_here = fill_choice search choice next ~limit ~depth found learned in
            missed := min !missed missed_here
        end;
        each (i + 1)
      end
    end
  in
  each 0;
  if !learned then Holes.raise_least hole;
  !missed

and fill_choice search choice next ~limit ~depth found learned =
  if depth = 0 then begin
    search.cut_by_depth <- true;
    Cost.infinite
  end
  else begin
    let cheapest = ref Cost.infinite and missed = ref Cost.infinite in
    let rec extend next cost reversed_arguments =
      let rest = Holes.least_of_rest next in
      let left = limit - cost - rest in
      if next.hole.least >= left then missed := min !missed (cost + rest + next.hole.least)
      else begin
        let missed_there =
          fill search next.hole ~limit:left ~depth:(depth - 1) (fun cost' node substitution ->
              let cost = cost + cost' in
              let reversed_arguments = under next.lambdas node :: reversed_arguments in
              match Holes.after search.graph next substitution with
              | Done substitution ->
                if cost < !cheapest then cheapest := cost;
                found cost { lambdas = 0; head = choice.head; reversed_arguments; code = None } substitution
              | Next next -> extend next cost reversed_arguments)
        in
        missed := min !missed (cost + rest + missed_there)
      end
    in
    extend next choice.cost [];
    let bound = if Cost.is_finite !cheapest then !cheapest else max choice.bound (min !missed Cost.infinite) in
    if bound > choice.bound && not search.cut_by_depth then begin
      Holes.raise_bound choice bound;
      learned := true
    end;
    !missed
  end

(* All programs of the request that cost less than [limit]; the bound as of {!fill}. *)
let programs search (root : next) ~limit found =
  let depth = deepest in
  let missed =
    if root.hole.least >= limit then root.hole.least
    else fill search root.hole ~limit ~depth (fun cost node _ -> found cost (under root.lambdas node))
  in
  min missed Cost.infinite

(* {1 Windows} *)

type ended =
  | Exhausted  (* there are no more programs *)
  | Reached  (* the bound *)
  | Stopped  (* by what was called *)

(* Windows in which there cannot be a program are passed over unsearched. *)
let windows search root ~step ~bound found ~window_end =
  let rec window start ~next_possible =
    if not (Cost.is_finite next_possible) then (Exhausted, start)
    else if start >= bound then (Reached, bound)
    else begin
      let stop = min bound (start + step) in
      let within cost node = if cost >= start then found cost node in
      match
        if next_possible >= stop then next_possible else programs search root ~limit:stop within
      with
      | next_possible -> if window_end stop then window stop ~next_possible else (Stopped, stop)
      | exception Stop -> (Stopped, start)
    end
  in
  window 0 ~next_possible:root.hole.least

open Holes

exception Stop

type t = {
  graph : Holes.t;
  mutable expansions : int;  (* holes expanded *)
  mutable cut_by_depth : bool;
  tick : unit -> unit;  (* called now and then; may raise {!Stop} *)
}

let deepest = 400
let ticks_every = 4096

let expansions search = search.expansions

let create ?(tick = ignore) graph = { graph; expansions = 0; cut_by_depth = false; tick }

let under lambdas (node : node) = if lambdas = 0 then node else { node with lambdas; code = None }

(* Calls [found cost node substitution] for each filling of [hole] that costs less
   than [limit]. Returns a bound: no filling that was left out costs less. *)
let rec fill search (hole : hole) ~limit ~depth found : Cost.t =
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

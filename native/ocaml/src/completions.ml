(* How few nodes complete a hole: not a bound but a way that is there, so that a
   draw that keeps room for it never has to be begun again. A node is a production,
   a literal or a variable where it stands; lambdas and applications count nothing.

   Where an argument decides types that later arguments depend on, each choice for
   it is tried with its own shortest completion, and the best for all is taken.
   What comes out is a function of the hole alone, not of what was asked before. *)

open Holes

type completion = { nodes : int; decided : substitution }

type known =
  | Least of completion
  | More of int  (* than so many nodes, or never *)

(* What is known of a hole. Choices are in an order that the history of the graph does not change. *)
type options = {
  choices : choice array;  (* variables by index, then productions by number *)
  chances : float array;
  total : float;  (* of the chances *)
  completions : known array;  (* of each choice, with the choice itself *)
  simplest_first : int array;  (* positions of choices, by how many arguments there are to fill *)
  mutable least : known;
}

type t = { graph : Holes.t; mutable options : options option array; mutable work : int }

let create graph = { graph; options = Array.make 256 None; work = 0 }

(* No hole needs so many in a language that anybody would write programs in. *)
let most = 30

let infinite = max_int / 4

(* Choices looked at; a grammar with types that nothing inhabits could make the search endless. *)
let most_work = 5_000_000

let rank = function Local i -> i - max_int | Production i -> i

let arguments_to_fill (choice : choice) =
  match choice.arguments with Done _ -> 0 | Next next -> 1 + List.length next.pending.rest

let simplest_first choices =
  let order = Array.init (Array.length choices) Fun.id in
  Array.stable_sort (fun i j -> compare (arguments_to_fill choices.(i)) (arguments_to_fill choices.(j))) order;
  order

let find_options completions (hole : hole) =
  let choices = Array.copy (Holes.choices completions.graph hole) in
  Array.stable_sort (fun (a : choice) (b : choice) -> compare (rank a.head) (rank b.head)) choices;
  let chances = Array.map (fun (choice : choice) -> exp choice.log_weight) choices in
  {
    choices;
    chances;
    total = Array.fold_left ( +. ) 0. chances;
    completions = Array.map (fun _ -> More 0) choices;
    simplest_first = simplest_first choices;
    least = More 0;
  }

let options completions (hole : hole) =
  let size = Array.length completions.options in
  if hole.number >= size then begin
    let larger = Array.make (2 * hole.number) None in
    Array.blit completions.options 0 larger 0 size;
    completions.options <- larger
  end;
  match completions.options.(hole.number) with
  | Some options -> options
  | None ->
    let options = find_options completions hole in
    completions.options.(hole.number) <- Some options;
    options

(* The position of a head among the choices. *)
let find options head =
  let wanted = rank head in
  let rec search from until =
    if from >= until then None
    else begin
      let middle = (from + until) / 2 in
      let found = rank options.choices.(middle).head in
      if found = wanted then Some middle
      else if found < wanted then search (middle + 1) until
      else search from middle
    end
  in
  search 0 (Array.length options.choices)

(* {1 The least completion, if it has at most [limit] nodes} *)

let rec of_arguments completions arguments limit =
  match arguments with
  | Done decided -> if limit < 0 then None else Some { nodes = 0; decided }
  | Next next ->
    let left = limit - List.length next.pending.rest in
    if left < 1 then None
    else begin
      match next.independent with
      | Some rest -> begin
        match of_hole completions next.hole left with
        | None -> None
        | Some first -> followed completions first (Lazy.force rest) limit
      end
      | None -> of_deciding completions next left limit
    end

and followed completions first rest limit =
  match of_arguments completions rest (limit - first.nodes) with
  | None -> None
  | Some others -> Some { others with nodes = first.nodes + others.nodes }

and of_deciding completions next left limit =
  let options = options completions next.hole in
  let best = ref None and limit = ref limit in
  Array.iter
    (fun i ->
      match of_choice completions options i (min left !limit) with
      | None -> ()
      | Some first -> begin
        match followed completions first (Holes.after completions.graph next first.decided) !limit with
        | None -> ()
        | Some found ->
          best := Some found;
          limit := found.nodes - 1
      end)
    options.simplest_first;
  !best

and of_choice completions options i limit =
  match options.completions.(i) with
  | Least completion -> if completion.nodes <= limit then Some completion else None
  | More nodes when nodes >= limit -> None
  | More _ -> begin
    completions.work <- completions.work + 1;
    if completions.work > most_work then
      Failure.bad_request "the library's types are too hard to fill: some of them nothing seems to have";
    match of_arguments completions options.choices.(i).arguments (limit - 1) with
    | None ->
      options.completions.(i) <- More limit;
      None
    | Some rest ->
      let completion = { rest with nodes = 1 + rest.nodes } in
      options.completions.(i) <- Least completion;
      Some completion
  end

and of_hole completions hole limit =
  let options = options completions hole in
  let limit = min limit most in
  let rec any nodes i =
    if i >= Array.length options.simplest_first then None
    else begin
      match of_choice completions options options.simplest_first.(i) nodes with Some found -> Some found | None -> any nodes (i + 1)
    end
  in
  let rec deepen nodes =
    if nodes > limit then None
    else begin
      match any nodes 0 with
      | Some found ->
        options.least <- Least found;
        Some found
      | None ->
        options.least <- More nodes;
        deepen (nodes + 1)
    end
  in
  match options.least with
  | Least found -> if found.nodes <= limit then Some found else None
  | More nodes -> deepen (nodes + 1)

open Holes

type found = { nodes : int; decided : substitution }

(* What is known of a hole. Choices are in an order that the history of the graph does not change. *)
type options = {
  choices : choice array;  (* variables by index, then productions by number *)
  chances : float array;
  total : float;  (* of the chances *)
  completions : completion array;  (* of each choice, with the choice itself *)
  simplest_first : int array;  (* positions of choices, by how many arguments there are to fill *)
}

(* A choice of which nothing but its arguments matters. *)
type way = { arguments : arguments; mutable least_way : completion }

(* What is known of how few nodes fill a hole. Most holes are never drawn at, and of their choices only those with the
   fewest arguments are made. *)
type filling = { mutable ways : way array array;  (* by number of arguments *) mutable least : completion }

(* The heads of types that might have programs, under the assumption that every type
   of which an argument may bind a variable has one. The test rejects holes quickly
   for which the search for a completion would visit ever larger scopes. *)
type inhabited = { heads : (string, unit) Hashtbl.t; mutable every : bool }

let note inhabited (return : Types.t) =
  match return with
  | Variable _ -> inhabited.every <- true
  | Constructor (name, _) -> Hashtbl.replace inhabited.heads name ()

let inhabited_of (library : Library.t) =
  let inhabited = { heads = Hashtbl.create 16; every = false } in
  let note_bound ty =
    List.iter
      (fun argument -> List.iter (fun bound -> note inhabited (Types.return_of bound)) (Types.arguments_of argument))
      (Types.arguments_of ty)
  in
  Array.iter (fun (p : Library.production) -> note_bound p.ty) library.productions;
  let has argument =
    match Types.return_of argument with
    | Types.Variable _ -> Hashtbl.length inhabited.heads > 0 || inhabited.every
    | Constructor (name, _) -> Hashtbl.mem inhabited.heads name || inhabited.every
  in
  let add (p : Library.production) =
    let return = Types.return_of p.ty and arguments = Types.arguments_of p.ty in
    (* What needs its own type to make it makes no type that was not there. *)
    let circular = List.exists (fun argument -> Types.return_of argument = return) arguments in
    if List.for_all has arguments && not (circular && not (Types.is_ground return)) then note inhabited return
  in
  let size () = (Hashtbl.length inhabited.heads, inhabited.every) in
  let rec grow before =
    Array.iter add library.productions;
    if size () <> before then grow (size ())
  in
  grow (size ());
  inhabited

(* What takes more nodes than this at the least is not drawn: searching further takes too long to be worth it. The
   search goes from a type to types that contain it, of lists of it and of pairs, through each production that returns
   any type, as the first of a list does; the more there are, the fewer levels of them are searched. *)
let most_of (library : Library.t) =
  let any (p : Library.production) = match Types.return_of p.ty with Variable _ -> 1 | Constructor _ -> 0 in
  let any = Array.fold_left (fun count p -> count + any p) 0 library.productions in
  let rec levels n paths = if n = 12 || paths * any > 250_000_000 then n else levels (n + 1) (paths * any) in
  max 5 (levels 0 1)

type t = {
  graph : Holes.t;
  inhabited : inhabited;
  most : int;  (* nodes of a completion that is searched for *)
  options : (int, options) Hashtbl.t;  (* by hole *)
  fillings : (int, filling) Hashtbl.t;
  mutable work : int;
}

let create (graph : Holes.t) =
  let { Grammar.library; _ } = Holes.grammar graph in
  { graph; inhabited = inhabited_of library; most = most_of library; options = Hashtbl.create 256;
    fillings = Hashtbl.create 256; work = 0 }

let graph completions = completions.graph
let begin_draw completions = completions.work <- 0

let has_no_completion completions (hole : hole) =
  let { heads; every } = completions.inhabited in
  match hole.return with
  | Variable _ -> false
  | Constructor (name, _) ->
    let gives ty =
      match Types.return_of ty with Types.Variable _ -> true | Constructor (other, _) -> String.equal name other
    in
    not (every || Hashtbl.mem heads name || List.exists gives hole.environment)

let infinite = max_int / 4

(* Choices examined for one mutant or draw; a grammar with types that nothing inhabits could make the search endless. *)
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
  }

let remembered table (hole : hole) make =
  match Hashtbl.find_opt table hole.number with
  | Some known -> known
  | None ->
    let made = make () in
    Hashtbl.add table hole.number made;
    made

let options completions hole = remembered completions.options hole (fun () -> find_options completions hole)
let filling completions hole = remembered completions.fillings hole (fun () -> { ways = [||]; least = More 0 })

(* The ways to fill a hole with so many arguments. *)
let ways completions hole arity =
  let filling = filling completions hole in
  for next = Array.length filling.ways to arity do
    let ways = List.map (fun arguments -> { arguments; least_way = More 0 }) (Holes.with_arity completions.graph hole next) in
    filling.ways <- Array.append filling.ways [| Array.of_list ways |]
  done;
  filling.ways.(arity)

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

(* {1 The least completion, if it has at most [limit] nodes}

   Found by iterative deepening: what needs many nodes is searched only when
   everything with fewer has failed. *)

let known_within limit = function
  | Least { nodes; decided } -> if nodes <= limit then Some { nodes; decided } else None
  | More _ -> None

let is_known limit = function Least _ -> true | More nodes -> nodes >= limit

let rec of_arguments completions arguments limit =
  match arguments with
  | Done decided -> if limit < 0 then None else Some { nodes = 0; decided }
  | Next next ->
    let left = limit - List.length next.pending.rest in
    if left < 1 then None
    else if is_known limit next.completion then known_within limit next.completion
    else begin
      let found =
        match next.independent with
        | None -> of_deciding completions next left limit
        | Some rest -> begin
          match of_hole completions next.hole left with
          | None -> None
          | Some first -> followed completions first (Lazy.force rest) limit
        end
      in
      Holes.learn_completion next
        (match found with Some { nodes; decided } -> Least { nodes; decided } | None -> More limit);
      found
    end

and followed completions first rest limit =
  match of_arguments completions rest (limit - first.nodes) with
  | None -> None
  | Some others -> Some { others with nodes = first.nodes + others.nodes }

(* Of ways that decide the same, only the first of fewest nodes can be best. *)
and of_deciding completions next left limit =
  let best = ref None and limit = ref limit and tried = Hashtbl.create 8 in
  let attempt first =
    let before = Option.value ~default:infinite (Hashtbl.find_opt tried first.decided.id) in
    if first.nodes < before then begin
      Hashtbl.replace tried first.decided.id first.nodes;
      match followed completions first (Holes.after completions.graph next first.decided) !limit with
      | None -> ()
      | Some found ->
        best := Some found;
        limit := found.nodes - 1
    end
  in
  let rec each arity =
    if arity < min left !limit then begin
      Array.iter
        (fun way -> Option.iter attempt (of_way completions way (min left !limit)))
        (ways completions next.hole arity);
      each (arity + 1)
    end
  in
  each 0;
  !best

(* The least completion of arguments and of what takes them, with what was known of it. *)
and deepened completions arguments known limit =
  let limit = min limit completions.most in
  let rec deepen nodes =
    if nodes > limit then (More (max limit (nodes - 1)), None)
    else begin
      completions.work <- completions.work + 1;
      if completions.work > most_work then
        Failure.bad_request "the library's types are too hard to fill: some of them nothing seems to have";
      match of_arguments completions arguments (nodes - 1) with
      | None -> deepen (nodes + 1)
      | Some { nodes = below; decided } ->
        (Least { nodes = 1 + below; decided }, Some { nodes = 1 + below; decided })
    end
  in
  match known with
  | Least _ -> (known, known_within limit known)
  | More nodes -> deepen (nodes + 1)

and of_way completions way limit =
  let known, found = deepened completions way.arguments way.least_way limit in
  way.least_way <- known;
  found

and of_hole completions hole limit =
  let filling = filling completions hole in
  let limit = min limit completions.most in
  let rec any nodes arity =
    if arity >= nodes then None
    else begin
      match first_of (ways completions hole arity) nodes 0 with
      | Some found -> Some found
      | None -> any nodes (arity + 1)
    end
  and first_of ways nodes i =
    if i = Array.length ways then None
    else begin
      match of_way completions ways.(i) nodes with
      | Some found -> Some found
      | None -> first_of ways nodes (i + 1)
    end
  in
  let rec deepen nodes =
    if nodes > limit then None
    else begin
      match any nodes 0 with
      | Some { nodes; decided } as found ->
        filling.least <- Least { nodes; decided };
        found
      | None ->
        filling.least <- More nodes;
        deepen (nodes + 1)
    end
  in
  if is_known limit filling.least then known_within limit filling.least
  else if has_no_completion completions hole then None
  else begin
    match filling.least with More nodes -> deepen (nodes + 1) | Least _ -> assert false
  end

let of_choice completions options i limit =
  let known, found = deepened completions options.choices.(i).arguments options.completions.(i) limit in
  options.completions.(i) <- known;
  found

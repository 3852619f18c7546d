open Derivation

type t = { grammar : Grammar.t; mutable completions : Completions.t }

let completions_of grammar = Completions.create (Holes.create ~redundant:true grammar)
let create grammar = { grammar; completions = completions_of grammar }
let holes mutation = Holes.size (Completions.graph mutation.completions)

(* Beyond so many holes, of some kilobytes each, a graph begins anew. *)
let most_holes = 100_000

let renew_if_large mutation =
  let large = holes mutation > most_holes in
  if large then mutation.completions <- completions_of mutation.grammar;
  large

type settings = { request : Types.t; max_size : int; max_depth : int }

(* The hole that is left when a node is taken out. *)
type place = { hole : Holes.hole; lambdas : int }

type parent = {
  program : program;
  text : string;
  root : Holes.next;
  places : place option array;  (* by node, as they are needed *)
  own : (int, bool) Hashtbl.t;  (* which mates are this program, as they are met *)
}

let parent mutation settings text =
  let program = Derivation.of_term mutation.grammar settings.request (Failure.parse_term text) in
  {
    program;
    text = Derivation.to_string mutation.grammar.library program.root;
    root = Holes.root (Completions.graph mutation.completions) settings.request;
    places = Array.make program.root.size None;
    own = Hashtbl.create 8;
  }

let place_of_site mutation { context; ty; scope } =
  let parameters = Types.arguments_of ty in
  let inner = List.rev_append parameters scope in
  let canonical, _ = Types.canonical_all (Types.return_of ty :: inner) in
  let site = { Holes.somewhere with context } in
  let hole = Holes.hole (Completions.graph mutation.completions) site (List.hd canonical) (List.tl canonical) in
  { hole; lambdas = List.length parameters }

let place mutation settings parent number =
  match parent.places.(number) with
  | Some place -> place
  | None ->
    let place = place_of_site mutation (Derivation.site mutation.grammar settings.request parent.program number) in
    parent.places.(number) <- Some place;
    place

type mutant = { text : string; log_prior : float; mate : int option  (* number of the program that gave a part *) }

let mutant ?mate mutation (parent : parent) derivation =
  {
    text = Derivation.to_string mutation.grammar.library derivation;
    log_prior = Derivation.log_prior mutation.completions parent.root derivation;
    mate;
  }

let room settings parent part = settings.max_size - (parent.program.root.size - part.size)

(* The nodes in the order in which they are tried: all of them, each as likely to be next. *)
let first_in_random_order count random attempt =
  let order = Array.init count Fun.id in
  let rec next i =
    if i = count then None
    else begin
      let j = i + Splitmix.below random (count - i) in
      let number = order.(j) in
      order.(j) <- order.(i);
      match attempt number with Some _ as found -> found | None -> next (i + 1)
    end
  in
  next 0

(* {1 Mutation} *)

(* Draws that give the part that was there are begun again so often; then the head is drawn among the others. *)
let redraws = 16

let replacement mutation settings parent random number =
  let { hole; lambdas } = place mutation settings parent number in
  let part = Derivation.part parent.program.root number in
  let drawing = { Drawing.completions = mutation.completions; random; max_depth = settings.max_depth } in
  let draw ?except () =
    let room = room settings parent part in
    let drawn, _, _, _ = Drawing.draw drawing ?except hole ~room in
    Derivation.of_drawn { drawn with lambdas }
  in
  let rec another attempts =
    let drawn = draw () in
    if not (Derivation.equal drawn part) then drawn
    else if attempts > 1 then another (attempts - 1)
    else begin
      match part.head with Grammatical except -> draw ~except () | Literal _ | Written _ -> assert false
    end
  in
  match another redraws with drawn -> Some drawn | exception Drawing.Nothing_fits -> None

let derive mutation settings (parent : parent) ~seed ~index =
  let random = Splitmix.member seed index in
  let at number =
    (* Nothing fits in place of a small part of a program that is far too large, and there are many such parts. *)
    if room settings parent (Derivation.part parent.program.root number) < 1 then None
    else begin
      let replacement = replacement mutation settings parent random number in
      Option.map (Derivation.replace parent.program.root number) replacement
    end
  in
  first_in_random_order parent.program.root.size random at

let mutate mutation settings parent ~seed ~index =
  Option.map (mutant mutation parent) (derive mutation settings parent ~seed ~index)

(* {1 Crossover} *)

type mate = { number : int; of_program : program; written : string }

type pool = {
  mates : mate array;
  firsts : int array;  (* the number of each one's first part among all *)
  parts : Derivation.t array array;  (* of each one, as they are needed *)
  count : int;
}

let pool mates =
  let parts = ref 0 in
  let first mate =
    let first = !parts in
    parts := first + mate.of_program.root.size;
    first
  in
  let firsts = Array.map first mates in
  { mates; firsts; parts = Array.make (Array.length mates) [||]; count = !parts }

(* All nodes of a program in pre-order. *)
let all_parts (root : Derivation.t) =
  let parts = Array.make root.size root in
  let rec fill at (part : Derivation.t) =
    parts.(at) <- part;
    List.fold_left fill (at + 1) part.arguments
  in
  ignore (fill 0 root);
  parts

let nth_part pool n =
  let rec search from until =
    if until - from = 1 then from
    else begin
      let middle = (from + until) / 2 in
      if pool.firsts.(middle) <= n then search middle until else search from middle
    end
  in
  let mate = search 0 (Array.length pool.mates) in
  if pool.parts.(mate) = [||] then pool.parts.(mate) <- all_parts pool.mates.(mate).of_program.root;
  (pool.mates.(mate), pool.parts.(mate).(n - pool.firsts.(mate)))

(* A variable that is free in the part becomes one in scope, where it is first met: any that fits, each as likely. *)
let fitting typing random scope ty arguments =
  let where () = "" in
  let fits typing of_variable =
    match
      let parameters, result = applied typing ~where of_variable arguments in
      Types.unify typing ty result;
      parameters
    with
    | parameters -> Some parameters
    | exception (Failure.Error _ | Types.Clash _) -> None
  in
  let alone of_variable =
    fits (Types.copy typing) of_variable <> None
  in
  let candidates = List.filter (fun (_, of_variable) -> alone of_variable) (List.mapi (fun i ty -> (i, ty)) scope) in
  if candidates = [] then raise Misfit;
  fst (List.nth candidates (Splitmix.below random (List.length candidates)))

(* The part, with its free variables renamed, if it fits into a place. *)
let transplanted mutation random { hole; lambdas } (part : Derivation.t) =
  let typing = Types.new_context hole.variables in
  let renamed = Hashtbl.create 4 in
  let where () = "" in
  (* [bound] counts the lambdas inside the part, [scope] begins with their types. *)
  let variable index bound scope ty arguments =
    if index < bound + lambdas then index
    else begin
      let free = index - bound in
      match Hashtbl.find_opt renamed free with
      | Some found -> found + bound
      | None ->
        let rec outer n scope = if n = 0 then scope else outer (n - 1) (List.tl scope) in
        let found = fitting typing random (outer bound scope) ty arguments in
        Hashtbl.add renamed free found;
        found + bound
    end
  in
  let rec walk bound scope ty derivation =
    let head =
      match derivation.head with
      | Grammatical (Local index) ->
        Grammatical (Local (variable index bound scope (Types.apply typing ty) derivation.arguments))
      | head -> head
    in
    let of_head = head_type mutation.grammar.library typing scope head in
    let parameters, result = applied typing ~where of_head derivation.arguments in
    Types.unify typing ty result;
    let argument parameter (argument : Derivation.t) =
      let scope, ty = below typing scope parameter argument.lambdas in
      walk (bound + argument.lambdas) scope ty argument
    in
    Derivation.node derivation.lambdas head (List.map2 argument parameters derivation.arguments)
  in
  if part.lambdas <> lambdas then None
  else begin
    match walk 0 hole.environment hole.return part with
    | fitted -> Some fitted
    | exception (Failure.Error _ | Types.Clash _ | Misfit | Types.Too_large) -> None
  end

(* So many parts are tried at random before all are, from a random one on. *)
let probes = 32

(* So many parts of the right size are tried for a mutant: its time is bounded, however many mates there are. *)
let most_trials = 20_000

exception Tried_enough

let is_own (parent : parent) mate =
  match Hashtbl.find_opt parent.own mate.number with
  | Some own -> own
  | None ->
    let own = mate.written = parent.text in
    Hashtbl.add parent.own mate.number own;
    own

let cross mutation settings (parent : parent) pool ~seed ~index =
  let random = Splitmix.member seed index in
  let possible = Derivation.log_prior mutation.completions parent.root parent.program.root > neg_infinity in
  let trials = ref 0 in
  let attempt place (replaced : Derivation.t) number n =
    let mate, part = nth_part pool n in
    if part.size > room settings parent replaced || is_own parent mate then None
    else begin
      incr trials;
      if !trials > most_trials then raise Tried_enough;
      match transplanted mutation random place part with
      | Some fitted when not (Derivation.equal fitted replaced) ->
        let derivation = Derivation.replace parent.program.root number fitted in
        let found = mutant ~mate:mate.number mutation parent derivation in
        if possible && found.log_prior = neg_infinity then None else Some found
      | _ -> None
    end
  in
  let at number =
    let replaced = Derivation.part parent.program.root number in
    if room settings parent replaced < 1 then None
    else begin
      let place = place mutation settings parent number in
      let attempt = attempt place replaced number in
      let rec probe left =
        if left = 0 then scan (Splitmix.below random pool.count) pool.count
        else begin
          match attempt (Splitmix.below random pool.count) with Some found -> Some found | None -> probe (left - 1)
        end
      and scan n left =
        if left = 0 then None
        else begin
          match attempt n with Some found -> Some found | None -> scan ((n + 1) mod pool.count) (left - 1)
        end
      in
      probe probes
    end
  in
  if pool.count = 0 then None
  else begin
    match first_in_random_order parent.program.root.size random at with
    | found -> found
    | exception Tried_enough -> None
  end

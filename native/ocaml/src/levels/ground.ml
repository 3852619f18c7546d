let units_per_nat = 8
let units nats = max 1 (int_of_float (Float.round (nats *. float_of_int units_per_nat)))

type width = Small | Wide
type argument = { parameters : Types.t list; return : Types.t }
type instance = { production : int; arguments : argument list }

(* What fits a type, without the variables in scope. *)
type fitting = { weight : float; instances : instance list }

type t = {
  library : Library.t;
  weights : Library.weights;
  universe : Types.t list;
  fitting : (Types.t, fitting list) Hashtbl.t;
  least : (Types.t, int) Hashtbl.t;
}

type choices = { instances : (instance * int) list; variables : (int * int) list }

let unreachable = max_int / 4

(* {1 The universe} *)

(* The ground types without arrows that are parts of a type. *)
let rec parts (ty : Types.t) =
  match ty with
  | Variable _ -> []
  | Constructor ("->", parts_) -> List.concat_map parts parts_
  | Constructor (_, arguments) ->
    (if Types.is_ground ty then [ ty ] else []) @ List.concat_map parts arguments

let distinct types = List.rev (List.fold_left (fun known ty -> if List.mem ty known then known else ty :: known) [] types)

let rec mentions name (ty : Types.t) =
  match ty with
  | Variable _ -> false
  | Constructor (name', arguments) -> String.equal name name' || List.exists (mentions name) arguments

let production_types (library : Library.t) =
  Array.to_list (Array.map (fun (production : Library.production) -> production.ty) library.productions)

let small_universe library request = distinct (List.concat_map parts (request :: production_types library))

let universe library request width =
  let small = small_universe library request in
  match width with
  | Small -> small
  | Wide ->
    let has_lists = List.exists (mentions "list") (request :: production_types library) in
    distinct (small @ if has_lists then List.map (fun ty -> Types.Constructor ("list", [ ty ])) small else [])

(* {1 Instances} *)

(* What the variables of a type are if it is to be the ground one. *)
let rec matched bound (ty : Types.t) (ground : Types.t) =
  match (ty, ground) with
  | Variable i, _ -> begin
    match List.assoc_opt i bound with
    | Some known -> if known = ground then Some bound else None
    | None -> Some ((i, ground) :: bound)
  end
  | Constructor (name, parts), Constructor (name', parts') ->
    if String.equal name name' && List.compare_lengths parts parts' = 0 then
      List.fold_left2 (fun bound part part' -> Option.bind bound (fun bound -> matched bound part part')) (Some bound) parts parts'
    else None
  | Constructor _, Variable _ -> None

let argument ty = { parameters = Types.arguments_of ty; return = Types.return_of ty }
let arguments_of_variable ty = List.map argument (Types.arguments_of ty)

let is_within universe { parameters; return } =
  let is_known ty = List.mem ty universe in
  let is_possible ty = List.for_all is_known (Types.return_of ty :: Types.arguments_of ty) in
  is_known return && List.for_all is_possible parameters

let rec variables_of (ty : Types.t) =
  match ty with Variable i -> [ i ] | Constructor (_, arguments) -> List.concat_map variables_of arguments

let instances ground production ty bound =
  let arguments = Types.arguments_of ty in
  let is_free i = not (List.mem_assoc i bound) in
  let free = List.sort_uniq compare (List.filter is_free (List.concat_map variables_of arguments)) in
  let choose bounds i = List.concat_map (fun bound -> List.map (fun ty -> (i, ty) :: bound) ground.universe) bounds in
  let instance bound =
    let replaced ty = Types.map_variables (fun i -> List.assoc i bound) ty in
    { production; arguments = List.map (fun ty -> argument (replaced ty)) arguments }
  in
  let is_possible { arguments; _ } = List.for_all (is_within ground.universe) arguments in
  List.filter is_possible (List.map instance (List.fold_left choose [ bound ] free))

let fitting ground ty =
  match Hashtbl.find_opt ground.fitting ty with
  | Some fitting -> fitting
  | None ->
    let fits production ({ ty = general; _ } : Library.production) =
      let weight = ground.weights.of_productions.(production) in
      if weight = neg_infinity then None
      else
        Option.map
          (fun bound -> { weight; instances = instances ground production general bound })
          (matched [] (Types.return_of general) ty)
    in
    let found = List.filter_map Fun.id (Array.to_list (Array.mapi fits ground.library.productions)) in
    Hashtbl.add ground.fitting ty found;
    found

(* {1 Costs} *)

let variables_in ground ty scope =
  if ground.weights.of_variables = neg_infinity then []
  else begin
    let returning = List.filter_map Fun.id (List.mapi (fun i ty' -> if Types.return_of ty' = ty then Some i else None) scope) in
    match ground.library.continuation with
    | Some continuation when continuation = ty ->
      let is_plain i = List.nth scope i = ty in
      let innermost = List.find_opt is_plain returning in
      List.filter (fun i -> (not (is_plain i)) || Some i = innermost) returning
    | _ -> returning
  end

let choices ground ty ~scope =
  let fitting = fitting ground ty and variables = variables_in ground ty scope in
  let of_variables = if variables = [] then [] else [ ground.weights.of_variables ] in
  let total = Cost.log_sum_exp (of_variables @ List.map (fun { weight; _ } -> weight) fitting) in
  let of_variable = units (total -. ground.weights.of_variables +. log (float_of_int (max 1 (List.length variables)))) in
  {
    variables = List.map (fun i -> (i, of_variable)) variables;
    instances =
      List.concat_map
        (fun { weight; instances } -> List.map (fun instance -> (instance, units (total -. weight))) instances)
        fitting;
  }

let least_known ground ty = Option.value ~default:unreachable (Hashtbl.find_opt ground.least ty)

let least_of_arguments ground arguments =
  List.fold_left (fun sum { return; _ } -> min unreachable (sum + least_known ground return)) 0 arguments

let cheapest ground ty ~scope =
  let { instances; variables } = choices ground ty ~scope in
  let of_instance least ({ arguments; _ }, cost) = min least (cost + least_of_arguments ground arguments) in
  let of_variable least (i, cost) =
    min least (cost + least_of_arguments ground (arguments_of_variable (List.nth scope i)))
  in
  List.fold_left of_variable (List.fold_left of_instance unreachable instances) variables

(* With no variable a production has the fewest rivals, and with one a variable has. *)
let cheapest_anywhere ground ty = min (cheapest ground ty ~scope:[]) (cheapest ground ty ~scope:[ ty ])

let least_with = cheapest

let solve ground =
  let changed = ref true in
  while !changed do
    changed := false;
    List.iter
      (fun ty ->
        let cost = cheapest_anywhere ground ty in
        if cost < least_known ground ty then begin
          changed := true;
          Hashtbl.replace ground.least ty cost
        end)
      ground.universe
  done

let create (grammar : Grammar.t) ~request width =
  let ground =
    {
      library = grammar.library;
      weights = grammar.weights.(Grammar.start grammar);
      universe = universe grammar.library request width;
      fitting = Hashtbl.create 16;
      least = Hashtbl.create 16;
    }
  in
  solve ground;
  ground

let units_per_nat = 8
let units nats = max 1 (int_of_float (Float.round (nats *. float_of_int units_per_nat)))

type width = Small | Wide
type argument = { parameters : Types.t list; return : Types.t; context : int }
type instance = { production : int; arguments : argument list }

(* What fits a type, without the variables in scope. *)
type fitting = { fits : int;  (* a production *) instances : instance list }

type t = {
  library : Library.t;
  grammar : Grammar.t;
  universe : Types.t list;
  fitting : (Types.t, fitting list) Hashtbl.t;
  least : (int * Types.t, int) Hashtbl.t;  (* by context *)
  costs : (int * Types.t * int, int array) Hashtbl.t;  (* of heads, by context and the number of variables *)
  compared : (Types.t * int, int array array * int array) Hashtbl.t;  (* heads, by the number of variables *)
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

let argument context ty = { parameters = Types.arguments_of ty; return = Types.return_of ty; context }

let arguments_of_variable { grammar; _ } ty = List.map (argument (Grammar.under_variable grammar)) (Types.arguments_of ty)

let is_within universe { parameters; return; _ } =
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
    let of_argument position ty = argument (Grammar.argument_context ground.grammar production position) (replaced ty) in
    { production; arguments = List.mapi of_argument arguments }
  in
  let is_possible { arguments; _ } = List.for_all (is_within ground.universe) arguments in
  List.filter is_possible (List.map instance (List.fold_left choose [ bound ] free))

let weights ground context : Library.weights = ground.grammar.weights.(context)
let is_anywhere ground weight = Array.exists (fun weights -> weight weights > neg_infinity) ground.grammar.weights

let fitting ground ty =
  match Hashtbl.find_opt ground.fitting ty with
  | Some fitting -> fitting
  | None ->
    let fits production ({ ty = general; _ } : Library.production) =
      if not (is_anywhere ground (fun weights -> weights.of_productions.(production))) then None
      else
        Option.map
          (fun bound -> { fits = production; instances = instances ground production general bound })
          (matched [] (Types.return_of general) ty)
    in
    let found = List.filter_map Fun.id (Array.to_list (Array.mapi fits ground.library.productions)) in
    Hashtbl.add ground.fitting ty found;
    found

(* {1 Costs} *)

let variables_in ground ty scope =
  if not (is_anywhere ground (fun weights -> weights.of_variables)) then []
  else begin
    let returning = List.filter_map Fun.id (List.mapi (fun i ty' -> if Types.return_of ty' = ty then Some i else None) scope) in
    match ground.library.continuation with
    | Some continuation when continuation = ty ->
      let is_plain i = List.nth scope i = ty in
      let innermost = List.find_opt is_plain returning in
      List.filter (fun i -> (not (is_plain i)) || Some i = innermost) returning
    | _ -> returning
  end

let heads ground ty ~scope = (variables_in ground ty scope, List.map (fun (fitting : fitting) -> fitting.instances) (fitting ground ty))

let costs_among ground ~context ty ~variables =
  let { Library.of_productions; of_variables } = weights ground context in
  let of_variables = if variables = 0 then neg_infinity else of_variables in
  let of_fitting = List.map (fun { fits; _ } -> of_productions.(fits)) (fitting ground ty) in
  let total = Cost.log_sum_exp (of_variables :: of_fitting) in
  let cost ?(among = 1) weight =
    if weight = neg_infinity then unreachable else units (total -. weight +. log (float_of_int among))
  in
  Array.of_list (cost ~among:(max 1 variables) of_variables :: List.map cost of_fitting)

let once table key make =
  match Hashtbl.find_opt table key with
  | Some known -> known
  | None ->
    let made = make () in
    Hashtbl.add table key made;
    made

let costs_with ground ~context ty ~variables =
  once ground.costs (context, ty, variables) (fun () -> costs_among ground ~context ty ~variables)

let costs_of_heads ground ~context ty ~scope = costs_with ground ~context ty ~variables:(List.length (variables_in ground ty scope))

let choices ground ~context ty ~scope =
  let costs = costs_of_heads ground ~context ty ~scope in
  let with_cost number choice = if costs.(number) < unreachable then Some (choice, costs.(number)) else None in
  let variables, instances = heads ground ty ~scope in
  {
    variables = List.filter_map (with_cost 0) variables;
    instances = List.concat (List.mapi (fun i instances -> List.filter_map (with_cost (i + 1)) instances) instances);
  }

let start { grammar; _ } = Grammar.start grammar
let is_contextual { grammar; _ } = grammar.contextual

let contexts_of ground ty =
  let of_production i (production : Library.production) =
    let fits position argument =
      if matched [] (Types.return_of argument) ty = None then None
      else Some (Grammar.argument_context ground.grammar i position)
    in
    List.filter_map Fun.id (List.mapi fits (Types.arguments_of production.ty))
  in
  let of_arguments = List.concat (Array.to_list (Array.mapi of_production ground.library.productions)) in
  List.sort_uniq compare (start ground :: Grammar.under_variable ground.grammar :: of_arguments)

(* A head that no context has is as good as any other. *)
let excess_of costs first second =
  let more most (costs : int array) =
    if costs.(second) >= unreachable then most
    else if costs.(first) >= unreachable then unreachable
    else max most (costs.(first) - costs.(second))
  in
  List.fold_left more (-unreachable) costs

let mean_of costs head =
  let possible = List.filter (fun cost -> cost < unreachable) (List.map (fun (costs : int array) -> costs.(head)) costs) in
  List.fold_left ( + ) 0 possible / max 1 (List.length possible)

let compared_heads ground ty ~scope =
  let variables = List.length (variables_in ground ty scope) in
  once ground.compared (ty, variables) (fun () ->
      let costs = List.map (fun context -> costs_with ground ~context ty ~variables) (contexts_of ground ty) in
      let heads = 1 + List.length (fitting ground ty) in
      (Array.init heads (fun first -> Array.init heads (excess_of costs first)), Array.init heads (mean_of costs)))

let least_known ground context ty = Option.value ~default:unreachable (Hashtbl.find_opt ground.least (context, ty))

let least_of_arguments ground arguments =
  List.fold_left (fun sum { return; context; _ } -> min unreachable (sum + least_known ground context return)) 0 arguments

let least_with ground ~context ty ~scope =
  let { instances; variables } = choices ground ~context ty ~scope in
  let of_instance least ({ arguments; _ }, cost) = min least (cost + least_of_arguments ground arguments) in
  let of_variable least (i, cost) =
    min least (cost + least_of_arguments ground (arguments_of_variable ground (List.nth scope i)))
  in
  List.fold_left of_variable (List.fold_left of_instance unreachable instances) variables

(* With no variable a production has the fewest rivals, and with one a variable has. *)
let cheapest_anywhere ground context ty =
  min (least_with ground ~context ty ~scope:[]) (least_with ground ~context ty ~scope:[ ty ])

let solve ground =
  let changed = ref true in
  let improve context ty =
    let cost = cheapest_anywhere ground context ty in
    if cost < least_known ground context ty then begin
      changed := true;
      Hashtbl.replace ground.least (context, ty) cost
    end
  in
  while !changed do
    changed := false;
    List.iter (fun ty -> List.iter (fun context -> improve context ty) (contexts_of ground ty)) ground.universe
  done

let create (grammar : Grammar.t) ~request width =
  let ground =
    {
      library = grammar.library;
      grammar;
      universe = universe grammar.library request width;
      fitting = Hashtbl.create 16;
      least = Hashtbl.create 16;
      costs = Hashtbl.create 64;
      compared = Hashtbl.create 64;
    }
  in
  solve ground;
  ground

open Lines

type chances = { argument : float; head : float; line : float; new_line : float }

(* A production applied to all but the last of its arguments that a type still takes. *)
type producer = { production : int; given : int }

module By_type = Hashtbl.Make (struct
  type t = Types.t

  let equal a b = Types.all_equal [ a ] [ b ]
  let hash ty = Types.hash_onto 0 ty land max_int
end)

type t = {
  library : Library.t;
  proposed : int list;  (* productions *)
  ground : Types.t By_type.t;  (* the types of parts of programs, one each: equal ones are identical *)
  names : int array By_type.t;  (* productions by what their type is to be an instance of, as they are needed *)
  producers : producer array By_type.t;
}

let is_proposed (library : Library.t) i =
  let possible (weights : Library.weights) = weights.of_productions.(i) > neg_infinity in
  match library.contexts with
  | Same weights -> possible weights
  | By_parent { start; variable; arguments } ->
    List.exists possible (start :: variable :: List.concat_map Array.to_list (Array.to_list arguments))

let create (library : Library.t) =
  let numbers = List.init (Array.length library.productions) Fun.id in
  let proposed = List.filter (is_proposed library) numbers in
  { library; proposed; ground = By_type.create 256; names = By_type.create 256; producers = By_type.create 256 }

let type_of mutation i = mutation.library.productions.(i).ty
let named mutation i = Named (Name mutation.library.productions.(i).name)

let remembered table key make =
  match By_type.find_opt table key with
  | Some known -> known
  | None ->
    let made = make () in
    By_type.add table key made;
    made

(* {1 What has a type} *)

let ground mutation ty = remembered mutation.ground ty (fun () -> ty)

(* The productions that may stand where a canonical type is wanted; where any type is, those that are no functions. *)
let names mutation wanted =
  remembered mutation.names wanted (fun () ->
      let fits i =
        match wanted with
        | Types.Variable _ -> not (Types.is_arrow (type_of mutation i))
        | Constructor _ -> Types.have_common_instance (type_of mutation i) wanted
      in
      Array.of_list (List.filter fits mutation.proposed))

let rec without_arguments count (ty : Types.t) =
  match ty with
  | Constructor ("->", [ _; result ]) when count > 0 -> without_arguments (count - 1) result
  | ty -> ty

(* The calls of a production that give a ground type. *)
let producers mutation ty =
  remembered mutation.producers ty (fun () ->
      let missing = List.length (Types.arguments_of ty) in
      let producer production =
        let own = type_of mutation production in
        let given = List.length (Types.arguments_of own) - missing in
        if given > 0 && Types.is_instance ~general:(Types.canonical (without_arguments given own)) ty then
          Some { production; given }
        else None
      in
      Array.of_list (List.filter_map producer mutation.proposed))

let choose random options =
  match Array.length options with 0 -> None | count -> Some options.(Splitmix.below random count)

(* One of the numbers in scope and the names that may stand where a type is wanted, each as likely. *)
let operand_of mutation random scope typing wanted =
  let wanted = Types.apply typing wanted in
  let canonical = Types.canonical wanted in
  let fits =
    if Types.is_ground canonical then begin
      let known = ground mutation canonical in
      fun (_, ty) -> ty == known
    end
    else begin
      match canonical with
      | Variable _ -> fun _ -> true
      | Constructor _ ->
        fun (_, ty) -> (not (Types.differ_at_head canonical ty)) && Types.is_instance ~general:canonical ty
    end
  in
  let of_scope = List.filter fits scope in
  let names = names mutation canonical in
  let in_scope = List.length of_scope in
  let unified ty operand =
    (* Two variables of the type may be the same in the context. *)
    if Types.unifies typing wanted ty then Some operand else None
  in
  match in_scope + Array.length names with
  | 0 -> None
  | count -> begin
    match Splitmix.below random count with
    | i when i < in_scope ->
      let number, ty = List.nth of_scope i in
      unified ty (Bound number)
    | i ->
      let production = names.(i - in_scope) in
      unified (Types.instantiate typing (type_of mutation production)) (named mutation production)
  end

(* A random call that gives a ground type. *)
let call mutation random (site : site) number ty =
  let fill { production; given } =
    let typing = Types.new_context 0 in
    let own = Types.instantiate typing (type_of mutation production) in
    let rec arguments reversed count (ty : Types.t) =
      match ty with
      | Constructor ("->", [ argument; result ]) when count > 0 -> begin
        match operand_of mutation random site.scope typing argument with
        | None -> None
        | Some operand -> arguments (operand :: reversed) (count - 1) result
      end
      | _ -> Some { number; head = named mutation production; arguments = List.rev reversed }
    in
    if Types.unifies typing (without_arguments given own) ty then arguments [] given own else None
  in
  Option.bind (choose random (producers mutation ty)) fill

(* {1 Mutation} *)

type parent = { program : Lines.t; sites : site array }

let parent mutation ~request term =
  let program = Lines.of_term term in
  let ground = ground mutation in
  let known (site : site) =
    {
      site with
      head = ground site.head;
      arguments = List.map ground site.arguments;
      result = ground site.result;
      scope = List.map (fun (number, ty) -> (number, ground ty)) site.scope;
    }
  in
  { program; sites = Array.map known (Lines.sites mutation.library ~request program) }

let position (wanted : int) numbers =
  let rec from i =
    if i = Array.length numbers then None else if numbers.(i) = wanted then Some i else from (i + 1)
  in
  from 0

(* Another operand of exactly a type, each as likely. *)
let other mutation random (site : site) ty operand =
  let is_other number own = own == ty && match operand with Bound given -> given <> number | _ -> true in
  let numbers = List.filter_map (fun (number, own) -> if is_other number own then Some number else None) site.scope in
  let names = names mutation ty in
  let given = match operand with Named (Name name) -> Library.find mutation.library name | _ -> None in
  let own = Option.bind given (fun given -> position given names) in
  let in_scope = List.length numbers in
  match in_scope + Array.length names - Option.fold ~none:0 ~some:(fun _ -> 1) own with
  | 0 -> None
  | count -> begin
    match Splitmix.below random count with
    | i when i < in_scope -> Some (Bound (List.nth numbers i))
    | i ->
      let i = i - in_scope in
      let i = match own with Some own when own <= i -> i + 1 | _ -> i in
      Some (named mutation names.(i))
  end

let with_argument (line : line) position operand =
  { line with arguments = List.mapi (fun i own -> if i = position then operand else own) line.arguments }

let with_other_argument mutation chances random program (site : site) =
  let position = Splitmix.below random (List.length site.arguments) in
  let ty = List.nth site.arguments position in
  if Splitmix.uniform random < chances.new_line then begin
    let with_call call =
      Lines.replace program (with_argument site.line position (Bound call.number)) ~before:(Some call)
    in
    Option.map with_call (call mutation random site program.next ty)
  end
  else begin
    let replaced operand = Lines.replace program (with_argument site.line position operand) ~before:None in
    Option.map replaced (other mutation random site ty (List.nth site.line.arguments position))
  end

let with_other_head mutation random program (site : site) =
  let replaced head = Lines.replace program { site.line with head } ~before:None in
  Option.map replaced (other mutation random site site.head site.line.head)

let with_other_line mutation random program (site : site) =
  let replaced line = Lines.replace program line ~before:None in
  Option.map replaced (call mutation random site site.line.number site.result)

let mutant mutation ({ argument; head; line; _ } as chances) random { program; sites } =
  let at site =
    let point = Splitmix.uniform random *. (argument +. head +. line) in
    if point < argument then with_other_argument mutation chances random program site
    else if point < argument +. head then with_other_head mutation random program site
    else with_other_line mutation random program site
  in
  Option.map Lines.to_term (Option.bind (choose random sites) at)

open Failure

type head =
  | Grammatical of Holes.head
  | Literal of string  (* an integer that the library does not list *)
  | Written of Terms.t  (* an inlined abstraction *)

type t = {
  lambdas : int;
  head : head;
  arguments : t list;
  size : int;  (* nodes, itself included *)
}

(* Where a node stands. *)
type site = {
  context : int;
  ty : Types.t;  (* with the lambdas *)
  scope : Types.t list;  (* outside of them *)
}

type program = {
  root : t;
  sites : site array;  (* of all nodes, in pre-order; final where nothing is polymorphic *)
  monomorphic : bool;
}

let node lambdas head arguments =
  { lambdas; head; arguments; size = List.fold_left (fun size argument -> size + argument.size) 1 arguments }

let rec equal left right =
  left == right
  || left.size = right.size && left.lambdas = right.lambdas && left.head = right.head
     && List.equal equal left.arguments right.arguments

let rec of_drawn (drawn : Holes.node) =
  node drawn.lambdas (Grammatical drawn.head) (List.rev_map of_drawn drawn.reversed_arguments)

(* {1 Text} *)

let rec write library buffer { lambdas; head; arguments; _ } =
  for _ = 1 to lambdas do Buffer.add_string buffer "(lambda " done;
  if arguments <> [] then Buffer.add_char buffer '(';
  (match head with
  | Grammatical (Production i) -> Buffer.add_string buffer library.Library.productions.(i).name
  | Grammatical (Local i) ->
    Buffer.add_char buffer '$';
    Buffer.add_string buffer (string_of_int i)
  | Literal text -> Buffer.add_string buffer text
  | Written body -> Terms.write buffer (Inlined body));
  List.iter
    (fun argument ->
      Buffer.add_char buffer ' ';
      write library buffer argument)
    arguments;
  if arguments <> [] then Buffer.add_char buffer ')';
  for _ = 1 to lambdas do Buffer.add_char buffer ')' done

let to_string library derivation =
  let buffer = Buffer.create 128 in
  write library buffer derivation;
  Buffer.contents buffer

(* {1 Reading} *)

let rec shift by from : Terms.t -> Terms.t = function
  | Variable i -> Variable (if i >= from then i + by else i)
  | (Name _ | Inlined _) as term -> term
  | Lambda body -> Lambda (shift by (from + 1) body)
  | Application (f, arguments) -> Application (shift by from f, List.map (shift by from) arguments)

(* One η-step: [(lambda (term $0))]. *)
let expanded term : Terms.t =
  match shift 1 0 term with
  | Application (f, arguments) -> Lambda (Application (f, arguments @ [ Variable 0 ]))
  | term -> Lambda (Application (term, [ Variable 0 ]))

let rec spine (term : Terms.t) arguments =
  match term with
  | Application (f, more) -> spine f (more @ arguments)
  | head -> (head, arguments)

let mismatch typing ~where expected actual =
  error Type "%s: %s is not %s" where (Inference.shown typing actual) (Inference.shown typing expected)

let unify typing ~where expected actual =
  match Types.unify typing expected actual with
  | () -> ()
  | exception Types.Clash _ -> mismatch typing ~where:(where ()) expected actual

let applied typing ~where ty arguments =
  let rec peel reversed ty = function
    | [] -> (List.rev reversed, ty)
    | _ :: rest -> begin
      match Types.head typing ty with
      | Constructor ("->", [ parameter; result ]) -> peel (parameter :: reversed) result rest
      | ty ->
        let parameter = Types.fresh typing and result = Types.fresh typing in
        unify typing ~where (Types.arrow parameter result) ty;
        peel (parameter :: reversed) result rest
    end
  in
  peel [] ty arguments

(* The weights that hold at an argument; what the grammar has no name for is like a variable to it. *)
let argument_context (grammar : Grammar.t) head arity position =
  match head with
  | Grammatical (Production i) when position < arity -> Grammar.argument_context grammar i position
  | _ -> Grammar.under_variable grammar

type reader = {
  grammar : Grammar.t;
  typing : Types.context;
  mutable reversed_sites : site list;
}

(* A head, its type, and how many arguments the grammar gives it. *)
let head_of reader scope (term : Terms.t) =
  let library = reader.grammar.library in
  match term with
  | Variable index -> begin
    match List.nth_opt scope index with
    | Some ty -> (Grammatical (Local index), ty, 0)
    | None -> error Type "$%d is bound by no lambda" index
  end
  | Name name -> begin
    match Library.find library name with
    | Some i ->
      let ty = library.productions.(i).ty in
      (Grammatical (Production i), Types.instantiate reader.typing ty, List.length (Types.arguments_of ty))
    | None -> begin
      match Literal.typed name with
      | Some ty -> (Literal name, ty, 0)
      | None -> error Unknown_primitive "%s is not in the library" (quoted name)
    end
  end
  | Inlined body ->
    let type_of_name = Library.type_of_name library in
    (Written body, Types.instantiate reader.typing (Inference.infer ~type_of_name body), 0)
  | Lambda _ -> error Type "a lambda that is applied cannot be mutated: write the program in β-normal form"
  | Application _ -> assert false

let rec read reader ~context ~scope ty term =
  reader.reversed_sites <- { context; ty; scope } :: reader.reversed_sites;
  body reader ~context ~scope ty ~lambdas:0 term

and body reader ~context ~scope ty ~lambdas (term : Terms.t) =
  let typing = reader.typing in
  match (Types.head typing ty, term) with
  | Constructor ("->", [ parameter; result ]), Lambda inner ->
    body reader ~context ~scope:(parameter :: scope) result ~lambdas:(lambdas + 1) inner
  | Constructor ("->", _), _ -> body reader ~context ~scope ty ~lambdas (expanded term)
  | (Variable _ as ty), Lambda _ ->
    Types.unify typing ty (Types.arrow (Types.fresh typing) (Types.fresh typing));
    body reader ~context ~scope ty ~lambdas term
  | ty, Lambda _ -> error Type "a lambda stands where %s is needed" (Inference.shown typing ty)
  | ty, _ -> application reader ~context ~scope ty ~lambdas term

and application reader ~context ~scope ty ~lambdas term =
  let typing = reader.typing in
  let written, arguments = spine term [] in
  let head, head_type, arity = head_of reader scope written in
  let where () = Inference.describe written in
  let parameters, result = applied typing ~where head_type arguments in
  unify typing ~where ty result;
  if Types.is_arrow (Types.head typing ty) then body reader ~context ~scope ty ~lambdas term
  else begin
    let argument position (parameter, argument) =
      let context = argument_context reader.grammar head arity position in
      read reader ~context ~scope parameter argument
    in
    node lambdas head (List.mapi argument (List.combine parameters arguments))
  end

let of_term grammar request term =
  Inference.guarded (fun () ->
      let typing = Types.new_context 0 in
      let reader = { grammar; typing; reversed_sites = [] } in
      let root = read reader ~context:(Grammar.start grammar) ~scope:[] (Types.instantiate typing request) term in
      { root; sites = Array.of_list (List.rev reader.reversed_sites); monomorphic = Types.variables_made typing = 0 })

(* {1 Typing with a hole} *)

let head_type (library : Library.t) typing scope = function
  | Grammatical (Local i) -> List.nth scope i
  | Grammatical (Production i) -> Types.instantiate typing library.productions.(i).ty
  | Literal _ -> Types.int
  | Written body ->
    Types.instantiate typing (Inference.infer ~type_of_name:(Library.type_of_name library) body)

exception Misfit

let rec below typing scope ty lambdas =
  if lambdas = 0 then (scope, ty)
  else begin
    match Types.head typing ty with
    | Constructor ("->", [ parameter; result ]) -> below typing (parameter :: scope) result (lambdas - 1)
    | Variable _ as ty ->
      Types.unify typing ty (Types.arrow (Types.fresh typing) (Types.fresh typing));
      below typing scope ty lambdas
    | Constructor _ -> raise Misfit
  end

(* What surrounds the node of this number asks of it, and of nothing more: the site
   that is left when the node is taken out, under the principal typing of the rest. *)
let site_of_hole (grammar : Grammar.t) request program number =
  let typing = Types.new_context 0 in
  let found = ref None in
  let rec walk at ~scope ty derivation =
    let scope', ty' = if at = number then (scope, ty) else below typing scope ty derivation.lambdas in
    if at = number then found := Some (scope, ty)
    else begin
      let where () = "a part of the program" in
      let of_head = head_type grammar.library typing scope' derivation.head in
      let parameters, result = applied typing ~where of_head derivation.arguments in
      unify typing ~where ty' result;
      let argument at parameter argument =
        walk at ~scope:scope' parameter argument;
        at + argument.size
      in
      ignore (List.fold_left2 argument (at + 1) parameters derivation.arguments)
    end
  in
  walk 0 ~scope:[] (Types.instantiate typing request) program.root;
  let scope, ty = Option.get !found in
  let apply = Types.apply typing in
  { (program.sites.(number)) with ty = apply ty; scope = List.map apply scope }

let site grammar request program number =
  if program.monomorphic then program.sites.(number) else site_of_hole grammar request program number

(* {1 Prior} *)

let log_prior completions (root : Holes.next) derivation =
  let graph = Completions.graph completions in
  let rec of_node (hole : Holes.hole) derivation =
    match derivation.head with
    | Literal _ | Written _ -> raise Misfit
    | Grammatical head ->
      let options = Completions.options completions hole in
      let choice =
        match Completions.find options head with Some i -> options.choices.(i) | None -> raise Misfit
      in
      of_arguments choice.log_weight choice.arguments derivation.arguments
  and of_arguments log_prior (arguments : Holes.arguments) derivations =
    match (arguments, derivations) with
    | Done decided, [] -> (log_prior, decided)
    | Next next, derivation :: rest when derivation.lambdas = next.lambdas ->
      let log_prior', decided = of_node next.hole derivation in
      of_arguments (log_prior +. log_prior') (Holes.after graph next decided) rest
    | _ -> raise Misfit
  in
  if derivation.lambdas <> root.lambdas then neg_infinity
  else begin
    match of_node root.hole derivation with log_prior, _ -> log_prior | exception Misfit -> neg_infinity
  end

(* {1 Parts} *)

let rec part derivation number =
  if number = 0 then derivation
  else begin
    let rec search number = function
      | [] -> invalid_arg "Derivation.part"
      | argument :: rest -> if number < argument.size then part argument number else search (number - argument.size) rest
    in
    search (number - 1) derivation.arguments
  end

let rec replace derivation number replacement =
  if number = 0 then replacement
  else begin
    let rec search number = function
      | [] -> invalid_arg "Derivation.replace"
      | argument :: rest ->
        if number < argument.size then replace argument number replacement :: rest
        else argument :: search (number - argument.size) rest
    in
    node derivation.lambdas derivation.head (search (number - 1) derivation.arguments)
  end

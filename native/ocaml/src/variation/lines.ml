type operand =
  | Bound of int
  | Named of Terms.t
  | Function of { parameters : int list; body : block }

and line = { number : int; head : operand; arguments : operand list }
and block = { lines : line list; result : operand }

type t = { parameters : int list; body : block; next : int }

(* {1 Reading} *)

type reader = { mutable fresh : int }

let fresh reader =
  let number = reader.fresh in
  reader.fresh <- number + 1;
  number

(* Lines are collected in [made], last first; [scope] has the operands of the variables. *)
let rec value reader made scope (term : Terms.t) = called reader made scope term []

and called reader made scope (term : Terms.t) arguments =
  match (term, arguments) with
  | Lambda body, argument :: rest -> called reader made (argument :: scope) body rest
  | Lambda _, [] ->
    let parameters, body = abstracted reader scope term in
    Function { parameters; body }
  | Application (f, more), _ -> called reader made scope f (List.map (value reader made scope) more @ arguments)
  | Variable index, _ -> applied reader made (List.nth scope index) arguments
  | (Name _ | Inlined _), _ -> applied reader made (Named term) arguments

and applied reader made head arguments =
  if arguments = [] then head
  else begin
    let number = fresh reader in
    made := { number; head; arguments } :: !made;
    Bound number
  end

and abstracted reader scope term =
  let count, body = Compile.strip_lambdas term in
  let parameters = List.init count (fun _ -> fresh reader) in
  let scope = List.fold_left (fun scope number -> Bound number :: scope) scope parameters in
  (parameters, block reader scope body)

and block reader scope term =
  let made = ref [] in
  let result = value reader made scope term in
  { lines = List.rev !made; result }

let of_term term =
  let reader = { fresh = 0 } in
  let parameters, body = abstracted reader [] term in
  { parameters; body; next = reader.fresh }

(* {1 Uses} *)

(* How often a number is used, by lines that are used themselves, and how many lambdas its uses are under at most. *)
type use = { count : int; deepest : int }

let unused = { count = 0; deepest = 0 }

let uses program =
  let uses = Array.make program.next unused in
  let rec operand level = function
    | Bound number ->
      let { count; deepest } = uses.(number) in
      uses.(number) <- { count = count + 1; deepest = max deepest level }
    | Named _ -> ()
    | Function { body; _ } -> block (level + 1) body
  and block level { lines; result } =
    operand level result;
    List.iter
      (fun { number; head; arguments } -> if uses.(number).count > 0 then List.iter (operand level) (head :: arguments))
      (List.rev lines)
  in
  block 0 program.body;
  uses

(* {1 Writing} *)

let rec lambdas count (term : Terms.t) : Terms.t = if count = 0 then term else Lambda (lambdas (count - 1) term)

let to_term program =
  let uses = uses program in
  let levels = Array.make program.next (-1) in
  let bind depth number = levels.(number) <- depth in
  let rec operand inlined depth level : operand -> Terms.t = function
    | Named term -> term
    | Bound number -> begin
      match Hashtbl.find_opt inlined number with
      | Some line -> written inlined depth level line
      | None -> Variable (depth - 1 - levels.(number))
    end
    | Function { parameters; body } ->
      List.iteri (fun i number -> bind (depth + i) number) parameters;
      let count = List.length parameters in
      lambdas count (block (depth + count) (level + 1) body)
  and written inlined depth level { head; arguments; _ } =
    Application (operand inlined depth level head, List.map (operand inlined depth level) arguments)
  and block depth level { lines; result } =
    let inlined = Hashtbl.create 16 in
    let rec from depth : line list -> Terms.t = function
      | [] -> operand inlined depth level result
      | line :: rest when uses.(line.number).count = 0 -> from depth rest
      | line :: rest when uses.(line.number) = { count = 1; deepest = level } ->
        Hashtbl.add inlined line.number line;
        from depth rest
      | line :: rest ->
        let value = written inlined depth level line in
        bind depth line.number;
        Application (Lambda (from (depth + 1) rest), [ value ])
    in
    from depth lines
  in
  List.iteri bind program.parameters;
  let count = List.length program.parameters in
  lambdas count (block count 0 program.body)

(* {1 Changing} *)

let replace program (line : line) ~before =
  let rec operand = function
    | (Bound _ | Named _) as operand -> operand
    | Function { parameters; body } -> Function { parameters; body = block body }
  and changed (other : line) =
    if other.number = line.number then Option.to_list before @ [ line ]
    else [ { other with head = operand other.head; arguments = List.map operand other.arguments } ]
  and block { lines; result } = { lines = List.concat_map changed lines; result = operand result } in
  let next = Option.fold ~none:program.next ~some:(fun (before : line) -> max program.next (before.number + 1)) before in
  { program with body = block program.body; next }

(* {1 Types} *)

type site = {
  line : line;
  head : Types.t;
  arguments : Types.t list;
  result : Types.t;
  scope : (int * Types.t) list;
}

let type_of_named library typing (term : Terms.t) =
  let type_of_name = Library.type_of_name library in
  Inference.infer_in typing ~type_of_name term

let sites library ~request program =
  let typing = Types.new_context 0 in
  let types = Array.init program.next (fun _ -> Types.fresh typing) in
  let unify expected actual =
    match Types.unify typing expected actual with
    | () -> ()
    | exception Types.Clash _ ->
      Failure.error Type "%s stands where %s is needed" (Inference.shown typing actual) (Inference.shown typing expected)
  in
  let found = ref [] in
  let rec operand scope = function
    | Bound number -> types.(number)
    | Named term -> type_of_named library typing term
    | Function { parameters; body } ->
      let scope = List.rev_append parameters scope in
      List.fold_right (fun number result -> Types.arrow types.(number) result) parameters (block scope body)
  and block scope { lines; result } =
    let scope =
      List.fold_left
        (fun scope (line : line) ->
          let head = operand scope line.head in
          let arguments = List.map (operand scope) line.arguments in
          unify (List.fold_right Types.arrow arguments types.(line.number)) head;
          found := { line; head; arguments; result = types.(line.number); scope = List.map (fun n -> (n, types.(n))) scope } :: !found;
          line.number :: scope)
        scope lines
    in
    operand scope result
  in
  Inference.guarded (fun () ->
      let result = block (List.rev program.parameters) program.body in
      let ty = List.fold_right (fun number result -> Types.arrow types.(number) result) program.parameters result in
      unify (Types.instantiate typing request) ty;
      let uses = uses program in
      let decided ty =
        Types.map_variables (fun i -> Types.Constructor ("\000" ^ string_of_int i, [])) (Types.apply typing ty)
      in
      let final site =
        {
          site with
          head = decided site.head;
          arguments = List.map decided site.arguments;
          result = decided site.result;
          scope = List.map (fun (number, ty) -> (number, decided ty)) site.scope;
        }
      in
      List.rev !found
      |> List.filter (fun { line; _ } -> uses.(line.number).count > 0)
      |> List.map final |> Array.of_list)

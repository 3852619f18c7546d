type t = { compiled : Compile.t; heads : Compile.head array }

let create (library : Library.t) compiled =
  { compiled; heads = Array.map (fun (p : Library.production) -> Compile.head compiled p.name) library.productions }

let rec code assembly (node : Holes.node) : Code.t =
  match node.code with
  | Some code -> code
  | None ->
    let code = Code.lambdas node.lambdas (body assembly node) in
    node.code <- Some code;
    code

and body assembly (node : Holes.node) =
  match List.rev node.reversed_arguments with
  | { head; _ } :: branches when head = Holes.condition_hole -> Code.primitive Symbolic.chooser (Code.variable 0 :: List.map (code assembly) branches)
  | _ -> applied assembly node

and applied assembly (node : Holes.node) =
  let arguments = List.rev_map (code assembly) node.reversed_arguments in
  match (node.head, arguments) with
  | head, [] when head = Holes.literal_hole -> Code.constant (Text Symbolic.unknown)
  | Production i, arguments -> Compile.apply_head assembly.heads.(i) arguments
  | Local i, [] -> Code.variable i
  | Local i, arguments -> Code.apply (Code.variable i) arguments

let rec of_derivation assembly (derivation : Derivation.t) =
  let argument derivation =
    let lambdas, body = of_derivation assembly derivation in
    Code.lambdas lambdas body
  in
  let arguments = List.map argument derivation.arguments in
  let body =
    match (derivation.head, arguments) with
    | Grammatical (Production i), arguments -> Compile.apply_head assembly.heads.(i) arguments
    | Grammatical (Local i), [] -> Code.variable i
    | Grammatical (Local i), arguments -> Code.apply (Code.variable i) arguments
    | Literal text, arguments -> Compile.apply_head (Compile.head assembly.compiled text) arguments
    | Written body, arguments -> Compile.closed assembly.compiled body arguments
  in
  (derivation.lambdas, body)

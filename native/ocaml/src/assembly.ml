(* Code for the programs that an enumeration makes. Parts of a program that were
   met before keep the code they got then. *)

type t = { heads : Compile.head array }

let create (library : Library.t) =
  let compiled = Compile.library library in
  { heads = Array.map (fun (p : Library.production) -> Compile.head compiled p.name) library.productions }

let rec code assembly (node : Holes.node) : Code.t =
  match node.code with
  | Some code -> code
  | None ->
    let code = Code.lambdas node.lambdas (body assembly node) in
    node.code <- Some code;
    code

(* The node without its lambdas. *)
and body assembly (node : Holes.node) =
  let arguments = List.rev_map (code assembly) node.reversed_arguments in
  match (node.head, arguments) with
  | Production i, arguments -> Compile.apply_head assembly.heads.(i) arguments
  | Local i, [] -> Code.variable i
  | Local i, arguments -> Code.apply (Code.variable i) arguments

(* Writing a program with abstractions never changes its outcome: programs drawn
   from a library with abstractions against their β-normal expansions. *)

open Lambda_machine
open Terms

let abstractions =
  [
    ("konst", "t0 -> t1 -> t0", "(lambda (lambda $1))");
    ("twice", "(t0 -> t0) -> t0 -> t0", "(lambda (lambda ($1 ($1 $0))))");
    ("first_or", "t0 -> list(t0) -> t0", "(lambda (lambda (if (empty? $0) $1 (car $0))))");
    ("pick", "bool -> int -> int -> int", "(lambda (lambda (lambda (if $2 (+ $1 $1) $0))))");
    ("all_but", "int -> list(int) -> list(int)", "(lambda (lambda (fold $0 empty (lambda (lambda (if (eq? $1 $3) $0 (cons $1 $0)))))))");
    ("app", "(t0 -> t1) -> t0 -> t1", "(lambda $0)");
    ("tail2", "list(t0) -> list(t0)", "(lambda (twice cdr $0))");
    ("guard", "(int -> int) -> list(int) -> list(int)", "(lambda (lambda (map (lambda (konst ($2 $0) $1)) $0)))");
  ]

let library =
  let base = List.map Libraries.built_in Libraries.common in
  Library_json.read
    (Libraries.json (base @ List.map (fun (name, ty, definition) -> Libraries.production ~definition name ty) abstractions))

(* {1 β-normal expansion, by substitution} *)

let rec shift by from = function
  | Variable i -> Variable (if i >= from then i + by else i)
  | Name name -> Name name
  | Lambda body -> Lambda (shift by (from + 1) body)
  | Inlined body -> Inlined body
  | Application (f, arguments) -> Application (shift by from f, List.map (shift by from) arguments)

let rec substitute level value = function
  | Variable i -> if i = level then shift level 0 value else Variable (if i > level then i - 1 else i)
  | Name name -> Name name
  | Lambda body -> Lambda (substitute (level + 1) value body)
  | Inlined body -> Inlined body
  | Application (f, arguments) -> Application (substitute level value f, List.map (substitute level value) arguments)

let rec normal steps term =
  decr steps;
  if !steps < 0 then raise Exit;
  match term with
  | Name name -> begin
    match List.find_opt (fun (known, _, _) -> known = name) abstractions with
    | Some (_, _, definition) -> normal steps (of_string definition)
    | None -> term
  end
  | Variable _ -> term
  | Lambda body -> Lambda (normal steps body)
  | Inlined body -> normal steps body
  | Application (f, []) -> normal steps f
  | Application (f, (argument :: rest as arguments)) -> begin
    match normal steps f with
    | Lambda body -> normal steps (Application (substitute 0 argument body, rest))
    | Application (g, before) -> normal_spine steps g (before @ arguments)
    | g -> normal_spine steps g arguments
  end

and normal_spine steps g arguments = Application (g, List.map (normal steps) arguments)

let outcome heads term inputs =
  match Evaluation.run_program { fuel = 200_000; size = 200_000 } (Evaluation.program_of_term heads term) inputs with
  | Value value -> Yojson.Safe.to_string (Codec.write value)
  | Error message -> "error: " ^ message
  | Fuel -> "fuel"
  | Memory why -> why

let inputs = List.map (fun items -> [| Libraries.list_of_ints items |]) [ []; [ 3 ]; [ 1; 5; 2 ] ]

let agrees heads (program, expanded) =
  List.for_all
    (fun input ->
      let written = outcome heads program input and plain = outcome heads expanded input in
      (* Only at the edge of a budget may sharing make a difference, and only to the good. *)
      written = plain || plain = "fuel")
    inputs

let same_outcome =
  let heads = Compile.library library in
  QCheck2.Test.make ~count:400 ~name:"abstractions never change an outcome"
    ~print:string_of_int
    QCheck2.Gen.(int_bound 1_000_000)
    (fun seed ->
      let request = Types.of_string "list(int) -> list(int)" in
      let drawn = Sampling.sample (Grammar.of_library library) request ~seed ~count:10 ~max_depth:6 in
      List.for_all
        (fun (node, _) ->
          let program = of_string (Holes.to_string library node) in
          match normal (ref 20_000) program with
          | expanded -> agrees heads (program, expanded)
          | exception Exit -> true)
        drawn)

let tests = [ Libraries.property same_outcome ]

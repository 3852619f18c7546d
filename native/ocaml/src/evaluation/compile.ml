type abstraction = { parameters : int; body : Code.t }

type head = Primitive of Primitive.t | Abstraction of abstraction

type t = (string, head) Hashtbl.t

let rec strip_lambdas count : Terms.t -> int * Terms.t = function
  | Lambda body -> strip_lambdas (count + 1) body
  | Inlined body when count = 0 -> strip_lambdas 0 body
  | term -> (count, term)

let apply_head head arguments =
  match head with
  | Primitive primitive -> Code.primitive primitive arguments
  | Abstraction { parameters; body } -> Code.call ~closed:true parameters body arguments

let head (heads : t) name =
  match Hashtbl.find_opt heads name with
  | Some head -> head
  | None -> begin
    match Catalogue.find name with
    | Some primitive -> Primitive primitive
    | None -> Failure.error Unknown_primitive "%s is no primitive of the λ-machine" (Failure.quoted name)
  end

let rec term heads (term_ : Terms.t) : Code.t =
  match term_ with
  | Variable index -> Code.variable index
  | Name name -> apply_head (head heads name) []
  | Lambda _ ->
    let count, body = strip_lambdas 0 term_ in
    Code.lambdas count (term heads body)
  | Inlined body -> closed heads body []
  | Application (f, arguments) -> begin
    let arguments = List.map (term heads) arguments in
    match f with
    | Name name -> apply_head (head heads name) arguments
    | Inlined body -> closed heads body arguments
    | Lambda _ ->
      let count, body = strip_lambdas 0 f in
      Code.call ~closed:false count (term heads body) arguments
    | Variable _ | Application _ -> Code.apply (term heads f) arguments
  end

and closed heads body arguments =
  let parameters, body = strip_lambdas 0 body in
  Code.call ~closed:true parameters (term heads body) arguments

let apply heads (f : Terms.t) arguments =
  match f with
  | Name name -> apply_head (head heads name) arguments
  | Inlined body -> closed heads body arguments
  | Variable _ | Lambda _ | Application _ -> invalid_arg "Compile.apply"

let with_names : t -> t = Hashtbl.copy
let add_name (heads : t) name body = Hashtbl.replace heads (" " ^ name) (Abstraction { parameters = 0; body })
let strip_lambdas term = strip_lambdas 0 term

let library (library : Library.t) : t =
  let heads = Hashtbl.create 64 in
  Array.iter
    (fun ({ name; definition; _ } : Library.production) ->
      match definition with
      | None -> Hashtbl.replace heads name (head heads name)
      | Some definition ->
        let parameters, body = strip_lambdas definition in
        Hashtbl.replace heads name (Abstraction { parameters; body = term heads body }))
    library.productions;
  heads

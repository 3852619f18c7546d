type t =
  | Variable of int
  | Constructor of string * t list

exception Syntax_error of string
exception Clash of t * t
exception Too_large

let arrow argument result = Constructor ("->", [ argument; result ])
let constant name = Constructor (name, [])
let int = constant "int"
let string = constant "string"

let is_arrow = function Constructor ("->", [ _; _ ]) -> true | _ -> false

let rec return_of = function
  | Constructor ("->", [ _; result ]) -> return_of result
  | ty -> ty

let arguments_of ty =
  let rec collect reversed = function
    | Constructor ("->", [ argument; result ]) -> collect (argument :: reversed) result
    | _ -> List.rev reversed
  in
  collect [] ty

(* {1 Printing} *)

let rec write buffer = function
  | Variable index ->
    Buffer.add_char buffer 't';
    Buffer.add_string buffer (string_of_int index)
  | Constructor ("->", [ argument; result ]) ->
    if is_arrow argument then begin
      Buffer.add_char buffer '(';
      write buffer argument;
      Buffer.add_char buffer ')'
    end
    else write buffer argument;
    Buffer.add_string buffer " -> ";
    write buffer result
  | Constructor (name, []) -> Buffer.add_string buffer name
  | Constructor (name, arguments) ->
    Buffer.add_string buffer name;
    Buffer.add_char buffer '(';
    List.iteri
      (fun i argument ->
        if i > 0 then Buffer.add_string buffer ", ";
        write buffer argument)
      arguments;
    Buffer.add_char buffer ')'

let to_string ty =
  let buffer = Buffer.create 32 in
  write buffer ty;
  Buffer.contents buffer

(* {1 Reading} *)

type token = Open | Close | Comma | Arrow | Word of string

let is_space c = c = ' ' || c = '\t' || c = '\n' || c = '\r'

let tokens text =
  let size = String.length text in
  let arrow_at i = i + 1 < size && text.[i] = '-' && text.[i + 1] = '>' in
  let ends_word i =
    i >= size || is_space text.[i] || text.[i] = '(' || text.[i] = ')' || text.[i] = ',' || arrow_at i
  in
  let rec scan reversed i =
    if i >= size then List.rev reversed
    else if is_space text.[i] then scan reversed (i + 1)
    else if text.[i] = '(' then scan (Open :: reversed) (i + 1)
    else if text.[i] = ')' then scan (Close :: reversed) (i + 1)
    else if text.[i] = ',' then scan (Comma :: reversed) (i + 1)
    else if arrow_at i then scan (Arrow :: reversed) (i + 2)
    else begin
      let stop = ref i in
      while not (ends_word !stop) do incr stop done;
      scan (Word (String.sub text i (!stop - i)) :: reversed) !stop
    end
  in
  scan [] 0

let deepest = 1000

let of_string text =
  let fail why = raise (Syntax_error (Printf.sprintf "not a type: %s (%s)" text why)) in
  let numbers = Hashtbl.create 8 in
  let is_variable word =
    String.length word > 1 && word.[0] = 't'
    && (let digits = ref true in
        String.iteri (fun i c -> if i > 0 && (c < '0' || c > '9') then digits := false) word;
        !digits)
  in
  let variable word =
    match Hashtbl.find_opt numbers word with
    | Some index -> Variable index
    | None ->
      let index = Hashtbl.length numbers in
      Hashtbl.add numbers word index;
      Variable index
  in
  let rec arrow_type depth tokens =
    if depth > deepest then fail "nested too deeply";
    let left, rest = atom depth tokens in
    match rest with
    | Arrow :: rest ->
      let right, rest = arrow_type (depth + 1) rest in
      (arrow left right, rest)
    | _ -> (left, rest)
  and atom depth = function
    | Word word :: Open :: rest ->
      let arguments, rest = arguments depth [] rest in
      (Constructor (word, arguments), rest)
    | Word word :: rest -> ((if is_variable word then variable word else constant word), rest)
    | Open :: rest -> begin
      match arrow_type (depth + 1) rest with
      | ty, Close :: rest -> (ty, rest)
      | _ -> fail "a parenthesis is not closed"
    end
    | [] -> fail "it ends too early"
    | (Close | Comma | Arrow) :: _ -> fail "a type is missing"
  and arguments depth reversed tokens =
    match arrow_type (depth + 1) tokens with
    | ty, Comma :: rest -> arguments depth (ty :: reversed) rest
    | ty, Close :: rest -> (List.rev (ty :: reversed), rest)
    | _ -> fail "a parenthesis is not closed"
  in
  match arrow_type 0 (tokens text) with
  | ty, [] -> ty
  | _ -> fail "there is something after its end"

(* {1 Renaming} *)

let rec map_variables f = function
  | Variable index -> f index
  | Constructor (_, []) as ty -> ty
  | Constructor (name, arguments) -> Constructor (name, List.map (map_variables f) arguments)

(* Equality and a hash for tables of types; the polymorphic ones are several times slower. *)
let rec equal left right =
  left == right
  ||
  match (left, right) with
  | Variable a, Variable b -> a = b
  | Constructor (f, fs), Constructor (g, gs) -> (f == g || String.equal f g) && all_equal fs gs
  | Variable _, Constructor _ | Constructor _, Variable _ -> false

and all_equal left right =
  match (left, right) with
  | [], [] -> true
  | a :: left, b :: right -> equal a b && all_equal left right
  | [], _ :: _ | _ :: _, [] -> false

let rec hash_onto seed = function
  | Variable index -> (seed * 31) + index + 1
  | Constructor (name, arguments) -> List.fold_left hash_onto ((seed * 37) + Hashtbl.hash name) arguments

let differ_at_head left right =
  match (left, right) with
  | Constructor (f, fs), Constructor (g, gs) ->
    not ((f == g || String.equal f g) && List.compare_lengths fs gs = 0)
  | _ -> false

let rec variable_count = function
  | Variable index -> index + 1
  | Constructor (_, arguments) ->
    List.fold_left (fun count argument -> max count (variable_count argument)) 0 arguments

let rec is_ground = function
  | Variable _ -> false
  | Constructor (_, arguments) -> List.for_all is_ground arguments

let size_within limit ty =
  let rec add size = function
    | Variable _ -> size + 1
    | Constructor (_, arguments) ->
      List.fold_left (fun size ty -> if size > limit then size else add size ty) (size + 1) arguments
  in
  add 0 ty

let canonical_all types =
  let numbers = Hashtbl.create 8 and originals = ref [] in
  let rename index =
    match Hashtbl.find_opt numbers index with
    | Some number -> Variable number
    | None ->
      let number = Hashtbl.length numbers in
      Hashtbl.add numbers index number;
      originals := index :: !originals;
      Variable number
  in
  let renamed = List.map (map_variables rename) types in
  (renamed, Array.of_list (List.rev !originals))

let canonical ty =
  match canonical_all [ ty ] with
  | [ ty ], _ -> ty
  | _ -> assert false

(* {1 Unification} *)

type context = {
  mutable bindings : t option array;
  mutable next : int;
  mutable work : int;  (* type nodes visited, so that types of exponential size end in an error *)
}

let most_work = 4_000_000

let new_context next = { bindings = Array.make (max 16 (2 * next)) None; next; work = 0 }

let copy context = { context with bindings = Array.copy context.bindings }
let variables_made context = context.next

let fresh context =
  let index = context.next in
  if index >= Array.length context.bindings then begin
    let larger = Array.make (2 * index + 2) None in
    Array.blit context.bindings 0 larger 0 (Array.length context.bindings);
    context.bindings <- larger
  end;
  context.next <- index + 1;
  Variable index

let instantiate context ty =
  match variable_count ty with
  | 0 -> ty
  | count ->
    let copies = Array.init count (fun _ -> fresh context) in
    map_variables (fun index -> copies.(index)) ty

let visit context =
  context.work <- context.work + 1;
  if context.work > most_work then raise Too_large

let rec head context ty =
  match ty with
  | Variable index -> begin
    match context.bindings.(index) with
    | Some bound -> head context bound
    | None -> ty
  end
  | Constructor _ -> ty

let rec apply context ty =
  visit context;
  match head context ty with
  | Constructor (name, (_ :: _ as arguments)) -> Constructor (name, List.map (apply context) arguments)
  | ty -> ty

let rec occurs_in context index ty =
  visit context;
  match head context ty with
  | Variable other -> index = other
  | Constructor (_, arguments) -> List.exists (occurs_in context index) arguments

let rec unify context left right =
  visit context;
  match (head context left, head context right) with
  | Variable a, Variable b when a = b -> ()
  | Variable index, ty | ty, Variable index ->
    if occurs_in context index ty then raise (Clash (Variable index, ty));
    context.bindings.(index) <- Some ty
  | (Constructor (f, fs) as a), (Constructor (g, gs) as b) ->
    if String.equal f g && List.compare_lengths fs gs = 0 then List.iter2 (unify context) fs gs
    else raise (Clash (a, b))

let unifies context left right =
  match unify context left right with () -> true | exception Clash _ -> false

let have_common_instance left right =
  let context = new_context 0 in
  unifies context (instantiate context left) (instantiate context right)

let is_instance ~general particular =
  let context = new_context 0 in
  let rigid = map_variables (fun index -> constant ("\000" ^ string_of_int index)) particular in
  unifies context (instantiate context general) rigid

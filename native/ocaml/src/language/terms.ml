type t =
  | Variable of int
  | Name of string
  | Lambda of t
  | Application of t * t list
  | Inlined of t  (* [#(…)], an abstraction written out where it is used; closed *)

exception Syntax_error of string

let deepest = 10_000

let is_space c = c = ' ' || c = '\t' || c = '\n' || c = '\r'
let ends_name c = is_space c || c = '(' || c = ')'

let all_digits text start =
  let rec check i = i >= String.length text || (text.[i] >= '0' && text.[i] <= '9' && check (i + 1)) in
  start < String.length text && check start

let is_integer text = all_digits text (if text <> "" && text.[0] = '-' then 1 else 0)

let is_name text =
  text <> ""
  && (not (String.exists ends_name text))
  && text <> "lambda" && text <> "lam" && text <> "#"
  && not (text.[0] = '$' && all_digits text 1)

(* What is being read inside one pair of parentheses. *)
type frame = {
  is_lambda : bool;
  inlined : bool;
  opened : int;
  mutable items : t list;  (* reversed *)
}

let fail position why = raise (Syntax_error (Printf.sprintf "character %d: %s" position why))

let close frame position =
  let term =
    match (frame.is_lambda, List.rev frame.items) with
    | true, [ body ] -> Lambda body
    | true, [] -> fail position "a lambda without a body"
    | true, _ -> fail position "a lambda has one body; write (lambda (f x)) for an application"
    | false, [] -> fail position "nothing between parentheses"
    | false, [ term ] -> term
    | false, Application (f, first) :: rest -> Application (f, first @ rest)
    | false, f :: arguments -> Application (f, arguments)
  in
  if frame.inlined then Inlined term else term

let atom text position =
  if text.[0] = '$' && all_digits text 1 then
    match int_of_string_opt (String.sub text 1 (String.length text - 1)) with
    | Some index -> Variable index
    | None -> fail position "a variable's number is too large"
  else if text = "#" then fail position "# must be followed by an abstraction in parentheses"
  else Name text

let of_string text =
  let size = String.length text in
  let skip i =
    let i = ref i in
    while !i < size && is_space text.[!i] do incr i done;
    !i
  in
  let word_end i =
    let i = ref i in
    while !i < size && not (ends_name text.[!i]) do incr i done;
    !i
  in
  let result = ref None in
  let rec scan stack depth i =
    let i = skip i in
    if i >= size then begin
      match (stack, !result) with
      | frame :: _, _ -> fail (frame.opened + 1) "this parenthesis is never closed"
      | [], None -> fail 1 "there is no term"
      | [], Some term -> term
    end
    else if text.[i] = '(' || (text.[i] = '#' && i + 1 < size && text.[i + 1] = '(') then begin
      if depth >= deepest then fail (i + 1) "nested too deeply";
      let inlined = text.[i] = '#' in
      let start = skip (if inlined then i + 2 else i + 1) in
      let stop = word_end start in
      let word = String.sub text start (stop - start) in
      let is_lambda = word = "lambda" || word = "lam" in
      let frame = { is_lambda; inlined; opened = i; items = [] } in
      scan (frame :: stack) (depth + 1) (if is_lambda then stop else start)
    end
    else if text.[i] = ')' then begin
      match stack with
      | [] -> fail (i + 1) "this parenthesis was never opened"
      | frame :: outer -> add (close frame (i + 1)) outer (depth - 1) (i + 1)
    end
    else begin
      let stop = word_end i in
      add (atom (String.sub text i (stop - i)) (i + 1)) stack depth stop
    end
  and add term stack depth i =
    match (stack, !result) with
    | frame :: _, _ ->
      frame.items <- term :: frame.items;
      scan stack depth i
    | [], None ->
      result := Some term;
      scan stack depth i
    | [], Some _ -> fail i "there is something after the term's end"
  in
  scan [] 0 0

let rec write buffer = function
  | Variable index -> Buffer.add_string buffer ("$" ^ string_of_int index)
  | Name name -> Buffer.add_string buffer name
  | Lambda body ->
    Buffer.add_string buffer "(lambda ";
    write buffer body;
    Buffer.add_char buffer ')'
  | Application (f, arguments) ->
    Buffer.add_char buffer '(';
    write buffer f;
    List.iter
      (fun argument ->
        Buffer.add_char buffer ' ';
        write buffer argument)
      arguments;
    Buffer.add_char buffer ')'
  | Inlined body ->
    Buffer.add_char buffer '#';
    write buffer body

let to_string term =
  let buffer = Buffer.create 64 in
  write buffer term;
  Buffer.contents buffer

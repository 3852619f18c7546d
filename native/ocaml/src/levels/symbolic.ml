(* Bytes that UTF-8 never has. The number of a choice follows its mark, in three bytes of seven bits. *)
let unknown_mark = '\xFF'
let choice_mark = '\xFE'
let number_bytes = 3
let most_choices = 1 lsl (7 * number_bytes)
let unknown = String.make 1 unknown_mark

type choice = { key : string; yes : string; no : string }

type choices = {
  mutable all : choice array;
  mutable count : int;
  numbers : (choice, string) Hashtbl.t;  (* the texts that stand for them *)
}

let nothing = { key = ""; yes = ""; no = "" }
let choices = { all = Array.make 64 nothing; count = 0; numbers = Hashtbl.create 64 }

let reset () =
  choices.count <- 0;
  Hashtbl.reset choices.numbers

let text_of number =
  let digit k = Char.chr ((number lsr (7 * k)) land 127) in
  let text = Bytes.make (1 + number_bytes) choice_mark in
  for k = 0 to number_bytes - 1 do Bytes.set text (1 + k) (digit k) done;
  Bytes.to_string text

let choice_at text i =
  let digit k = Char.code text.[i + 1 + k] lsl (7 * k) in
  choices.all.(digit 0 lor digit 1 lor digit 2)

let choice ~key yes no =
  let choice = { key; yes; no } in
  match Hashtbl.find_opt choices.numbers choice with
  | Some text -> text
  | None ->
    if choices.count = most_choices then Values.fail "too many choices";
    if choices.count = Array.length choices.all then
      choices.all <- Array.append choices.all (Array.make choices.count nothing);
    choices.all.(choices.count) <- choice;
    let text = text_of choices.count in
    choices.count <- choices.count + 1;
    Hashtbl.add choices.numbers choice text;
    text

let is_mark c = c >= choice_mark

let is_known text =
  let rec from i = i = String.length text || ((not (is_mark (String.unsafe_get text i))) && from (i + 1)) in
  from 0

let rec holds : Values.t -> bool = function
  | Text text -> not (is_known text)
  | Cons (first, rest) -> holds first || holds rest
  | _ -> false

let either key yes no =
  match ((key, yes, no) : Values.t * Values.t * Values.t) with
  | Text key, Text yes, Text no -> Values.Text (if String.equal yes no then yes else choice ~key yes no)
  | _ -> Values.wrong_kind ()

let chooser = Primitive.make ~doc:"a choice that is not made yet" "?" "t0 -> t1 -> t1 -> t1" (Ternary either)

(* What is known up to the first mark, and after the last one. *)
let begins text wanted =
  let rec agree i =
    i = String.length text
    || is_mark (String.unsafe_get text i)
    || (i < String.length wanted && String.unsafe_get text i = String.unsafe_get wanted i && agree (i + 1))
  in
  agree 0

let rec last_mark text i = if i < 0 || is_mark (String.unsafe_get text i) then i else last_mark text (i - 1)

let ends text wanted =
  let mark = last_mark text (String.length text - 1) in
  let first =
    if mark < 0 then 0 else if String.unsafe_get text mark = unknown_mark then mark + 1 else mark + 1 + number_bytes
  in
  let known = String.length text - first in
  let start = String.length wanted - known in
  let rec agree i = i = known || (String.unsafe_get text (first + i) = String.unsafe_get wanted (start + i) && agree (i + 1)) in
  start >= 0 && agree 0

(* {1 Binding} *)

type binding = { literal : string option; decisions : (string * bool) list }

type search = {
  longest : int;
  mutable fuel : int;
  mutable bound : string option;  (* the literal *)
  mutable decided : (string * bool) list;
}

let stands_at part whole position =
  let length = String.length part in
  let rec agree i =
    i = length || (String.unsafe_get part i = String.unsafe_get whole (position + i) && agree (i + 1))
  in
  position + length <= String.length whole && agree 0

(* Whether the text from [i] on can be what [wanted] has from [position] on, and then what follows: [next] is called
   with the position after it. *)
let rec follow search text i wanted position next =
  search.fuel <- search.fuel - 1;
  if search.fuel < 0 then false
  else if i = String.length text then next position
  else begin
    let c = String.unsafe_get text i in
    if not (is_mark c) then
      position < String.length wanted && String.unsafe_get wanted position = c && follow search text (i + 1) wanted (position + 1) next
    else if c = unknown_mark then literal search wanted position (fun position -> follow search text (i + 1) wanted position next)
    else begin
      let rest position = follow search text (i + 1 + number_bytes) wanted position next in
      decide search (choice_at text i) wanted position rest
    end
  end

and literal search wanted position next =
  match search.bound with
  | Some part -> stands_at part wanted position && next (position + String.length part)
  | None ->
    let most = min search.longest (String.length wanted - position) in
    let rec of_length length =
      length <= most
      && begin
           search.bound <- Some (String.sub wanted position length);
           next (position + length) || of_length (length + 1)
         end
    in
    of_length 0
    || begin
         search.bound <- None;
         false
       end

and decide search { key; yes; no } wanted position next =
  match List.assoc_opt key search.decided with
  | Some decision -> follow search (if decision then yes else no) 0 wanted position next
  | None ->
    let before = search.decided in
    let attempt decision text =
      search.decided <- (key, decision) :: before;
      follow search text 0 wanted position next
    in
    attempt true yes || attempt false no
    || begin
         search.decided <- before;
         false
       end

let bind ~fuel ~longest texts ~accept =
  let search = { longest; fuel; bound = None; decided = [] } in
  let rec each = function
    | [] -> accept { literal = search.bound; decisions = search.decided }
    | (text, wanted) :: rest ->
      follow search text 0 wanted 0 (fun position -> position = String.length wanted && each rest)
  in
  each texts

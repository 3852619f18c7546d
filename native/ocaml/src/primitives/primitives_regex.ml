open Values

let text_of size make =
  Budget.allocate size;
  Text (make ())

let on_text f = Primitive.Unary (function Text s -> f s | _ -> wrong_kind ())
let on_texts f = Primitive.Binary (fun a b -> match (a, b) with Text a, Text b -> f a b | _ -> wrong_kind ())

let negated s = text_of (String.length s + 3) (fun () -> "[^" ^ s ^ "]")

let either a b =
  text_of (String.length a + String.length b + 7) (fun () -> String.concat "" [ "(("; a; ")|("; b; "))" ])

let concatenated a b = text_of (String.length a + String.length b) (fun () -> a ^ b)

(* {1 Matching} *)

type compiled = Regex of Regex.t | Invalid of string

module Patterns = Hashtbl.Make (struct
  include String

  let hash (s : t) = Hashtbl.hash s
end)

let compiled : compiled Patterns.t = Patterns.create 256
let most_compiled = 4096

let longest = 20_000

let compile pattern =
  if String.length pattern > longest then fail "not a pattern: too long";
  let result =
    match Patterns.find_opt compiled pattern with
    | Some result -> result
    | None ->
      let result =
        match Regex.of_string pattern with
        | regex -> Regex regex
        | exception Regex.Invalid why -> Invalid ("not a pattern: " ^ why)
      in
      if Patterns.length compiled >= most_compiled then Patterns.reset compiled;
      if String.length pattern <= 256 then Patterns.replace compiled pattern result;
      result
  in
  (* Charged whether it was compiled before or not: fuel must not depend on history. *)
  Budget.steps (String.length pattern);
  match result with
  | Regex regex -> regex
  | Invalid why -> fail why

let matches pattern text = of_bool (Regex.matches_whole (compile pattern) text)

(* The empty pattern behaves as any character. *)
let split pattern text =
  let regex = compile (if pattern = "" then "." else pattern) in
  let reversed = Regex.split_reversed regex text in
  Budget.allocate (List.length reversed + String.length text);
  List.fold_left (fun list piece -> Cons (Text piece, list)) Nil reversed

(* {1 Lists of pieces} *)

let flatten list =
  let pieces = List.rev_map (function Text s -> s | _ -> wrong_kind ()) (reversed_elements list) in
  let size = List.fold_left (fun size piece -> size + String.length piece) 0 pieces in
  text_of size (fun () -> String.concat "" pieces)

let last list =
  match reversed_elements list with
  | [] -> fail "_rtail of the empty list"
  | item :: _ -> item

let append item list =
  let reversed = reversed_elements list in
  Budget.allocate (List.length reversed + 1);
  rev_append reversed (Cons (item, Nil))

let without_last list =
  match reversed_elements list with
  | [] -> fail "_rrevcdr of the empty list"
  | _ :: reversed ->
    Budget.allocate (List.length reversed);
    rev_append reversed Nil

(* {1 The tables} *)

(* [a], or [b], or …: how programs of this domain write a set of characters. *)
let alternatives characters =
  match characters with
  | [] -> ""
  | first :: others ->
    List.fold_left (fun pattern c -> Printf.sprintf "((%s)|(%c))" pattern c) (String.make 1 first) others

let vowels = [ 'a'; 'e'; 'i'; 'o'; 'u' ]

let table =
  let primitive name ty implementation ?(inputs = "[]") ?role ?transparent ?strata ~doc ~example:(program, value) () =
    Primitive.make name ty implementation ?role ?transparent ?strata ~doc ~example:{ program; inputs; value }
  in
  let pattern = [ (0, Regex_patterns.stratum) ] in
  let constant name text doc =
    primitive name "tsubstr" (Constant (Text text)) ~doc ~example:(name, Yojson.Safe.to_string (`String text)) ()
  in
  let letter i =
    let letter = String.make 1 (Char.chr (Char.code 'a' + i)) in
    constant ("_" ^ letter) letter (Printf.sprintf "the letter %s, as a text and as a pattern" letter)
  in
  [
    constant "_rdot" "." "the pattern of any one character"; constant "_rempty" "" "the empty text";
  ]
  @ List.init 26 letter
  @ [
      primitive "_rnot" "tsubstr -> tsubstr" (on_text negated)
        ~doc:"the pattern of any one character that is not among those of the argument"
        ~example:("(_rmatch (_rnot _a) _b)", "true") ();
      primitive "_ror" "tsubstr -> tsubstr -> tsubstr" (on_texts either)
        ~doc:"the pattern that matches what one of two patterns matches"
        ~example:("(_rmatch (_ror _a _b) _b)", "true") ();
      primitive "_rconcat" "tsubstr -> tsubstr -> tsubstr" (on_texts concatenated) ~transparent:true
        ~doc:"the pattern, or the text, of the second after the first"
        ~example:("(_rmatch (_rconcat _a _rdot) (_rconcat _a _b))", "true") ();
      primitive "_rmatch" "tsubstr -> tsubstr -> bool" (on_texts matches) ~strata:pattern
        ~doc:"whether the pattern matches the whole text"
        ~example:("(_rmatch (_rconcat _a _b) _a)", "false") ();
      primitive "_rsplit" "tsubstr -> tfullstr -> list(tsubstr)" (on_texts split) ~strata:pattern
        ~doc:"the text cut before and after each match of the pattern, the matches among the pieces"
        ~inputs:"[\"abc\"]"
        ~example:("(lambda (_rsplit _b $0))", "[\"a\",\"b\",\"c\"]") ();
      primitive "_rflatten" "list(tsubstr) -> tfullstr" (Unary flatten) ~role:Flattens ~transparent:true
        ~doc:"the text of all pieces, one after the other"
        ~inputs:"[\"abc\"]"
        ~example:("(lambda (_rflatten (_rsplit _b $0)))", "\"abc\"") ();
      primitive "_rtail" "list(tsubstr) -> tsubstr" (Unary last) ~transparent:true
        ~doc:"the last piece; an error for the empty list"
        ~inputs:"[\"abc\"]"
        ~example:("(lambda (_rtail (_rsplit _b $0)))", "\"c\"") ();
      primitive "_rappend" "tsubstr -> list(tsubstr) -> list(tsubstr)" (Binary append) ~role:Appends ~transparent:true
        ~doc:"the list with the piece put at its end"
        ~inputs:"[\"abc\"]"
        ~example:("(lambda (_rappend _x (_rsplit _b $0)))", "[\"a\",\"b\",\"c\",\"x\"]") ();
      primitive "_rrevcdr" "list(tsubstr) -> list(tsubstr)" (Unary without_last) ~transparent:true
        ~doc:"the list without its last piece; an error for the empty list"
        ~inputs:"[\"abc\"]"
        ~example:("(lambda (_rrevcdr (_rsplit _b $0)))", "[\"a\",\"b\"]") ();
      constant "_rvowel" (alternatives vowels) "the pattern of one vowel";
      constant "_rconsonant"
        (Printf.sprintf "[^%s]" (String.concat "" (List.map (String.make 1) vowels)))
        "the pattern of any one character but a vowel";
    ]

let base_types = [ { Base_type.name = "tfullstr"; form = Text }; { name = "tsubstr"; form = Text } ]

let spellings =
  let character = function
    | text when String.length text = 1 && 'a' <= text.[0] && text.[0] <= 'z' -> Some ("_" ^ text)
    | _ -> None
  in
  [ ("tsubstr", { Base_type.empty = "_rempty"; character; join = "_rconcat" }) ]

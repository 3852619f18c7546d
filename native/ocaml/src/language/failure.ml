type kind = Bad_request | Parse | Type | Unknown_primitive | Internal

exception Error of kind * string

let name = function
  | Bad_request -> "bad_request"
  | Parse -> "parse"
  | Type -> "type"
  | Unknown_primitive -> "unknown_primitive"
  | Internal -> "internal"

let error kind format = Printf.ksprintf (fun message -> raise (Error (kind, message))) format
let bad_request format = error Bad_request format

let quoted text =
  let text = Utf8.repaired text in
  let short = 200 in
  if String.length text <= short then text else Utf8.repaired (String.sub text 0 short) ^ "…"

let parse_type text =
  match Types.of_string text with
  | ty -> ty
  | exception Types.Syntax_error why -> error Parse "%s" (quoted why)

let parse_term text =
  match Terms.of_string text with
  | term -> term
  | exception Terms.Syntax_error why -> error Parse "%s" (quoted why)

exception Invalid of string

type tree =
  | Nothing
  | Any
  | Class of { negated : bool; ranges : (int * int) list }
  | Sequence of tree * tree
  | Choice of tree * tree
  | Repeat of { inner : tree; least : int; unbounded : bool; greedy : bool }
  | At_start
  | At_end

(* {1 Reading} *)

(* The code point at [i] of a text, and its bytes. *)
let decode text i =
  let byte k = Char.code text.[k] in
  match Utf8.length_at text i with
  | 2 -> (((byte i land 0x1F) lsl 6) lor (byte (i + 1) land 0x3F), 2)
  | 3 -> (((byte i land 0x0F) lsl 12) lor ((byte (i + 1) land 0x3F) lsl 6) lor (byte (i + 2) land 0x3F), 3)
  | 4 ->
    ( ((byte i land 0x07) lsl 18)
      lor ((byte (i + 1) land 0x3F) lsl 12)
      lor ((byte (i + 2) land 0x3F) lsl 6)
      lor (byte (i + 3) land 0x3F),
      4 )
  | _ -> (byte i, 1)

let deepest = 500
let single code = Class { negated = false; ranges = [ (code, code) ] }
let digits = [ (48, 57) ]
let spaces = [ (9, 13); (32, 32) ]
let words = [ (48, 57); (65, 90); (95, 95); (97, 122) ]

type cursor = { text : string; mutable position : int }

let peek cursor = if cursor.position < String.length cursor.text then Some cursor.text.[cursor.position] else None
let skip cursor = cursor.position <- cursor.position + 1

let take cursor =
  let code, length = decode cursor.text cursor.position in
  cursor.position <- cursor.position + length;
  code

(* What follows a backslash. *)
let escape cursor =
  if peek cursor = None then raise (Invalid "a backslash at the end");
  match take cursor with
  | 110 -> [ (10, 10) ]
  | 116 -> [ (9, 9) ]
  | 114 -> [ (13, 13) ]
  | 100 -> digits
  | 115 -> spaces
  | 119 -> words
  | code when code < 128 && List.exists (fun (low, high) -> low <= code && code <= high) words ->
    raise (Invalid "an escape that has no meaning here")
  | code -> [ (code, code) ]

(* Inside brackets everything is itself but [\], [-] between two characters and,
   other than at the start, the closing bracket. *)
let rec class_items cursor ~first ranges =
  match peek cursor with
  | None -> raise (Invalid "a class is not closed")
  | Some ']' when not first ->
    skip cursor;
    ranges
  | Some '\\' ->
    skip cursor;
    class_items cursor ~first:false (escape cursor @ ranges)
  | Some _ ->
    let low = take cursor in
    let { text; position } = cursor in
    let is_range =
      position + 1 < String.length text && text.[position] = '-' && text.[position + 1] <> ']'
      && text.[position + 1] <> '\\'
    in
    if is_range then begin
      skip cursor;
      let high = take cursor in
      if high < low then raise (Invalid "a range from a later to an earlier character");
      class_items cursor ~first:false ((low, high) :: ranges)
    end
    else class_items cursor ~first:false ((low, low) :: ranges)

(* The item, repeated as what follows it says. *)
let repeated cursor item =
  let repeat least unbounded =
    skip cursor;
    let greedy = peek cursor <> Some '?' in
    if not greedy then skip cursor;
    match peek cursor with
    | Some ('*' | '+' | '?') -> raise (Invalid "a repetition of a repetition")
    | _ -> Repeat { inner = item; least; unbounded; greedy }
  in
  match peek cursor with
  | Some '*' -> repeat 0 true
  | Some '+' -> repeat 1 true
  | Some '?' -> repeat 0 false
  | _ -> item

let rec choice cursor depth =
  if depth > deepest then raise (Invalid "nested too deeply");
  let rec more left =
    match peek cursor with
    | Some '|' ->
      skip cursor;
      more (Choice (left, sequence cursor depth Nothing))
    | _ -> left
  in
  more (sequence cursor depth Nothing)

and sequence cursor depth before =
  match peek cursor with
  | None | Some '|' | Some ')' -> before
  | Some first ->
    let item = repeated cursor (atom cursor depth first) in
    sequence cursor depth (if before = Nothing then item else Sequence (before, item))

and atom cursor depth first =
  let skipped tree = skip cursor; tree in
  match first with
  | '(' ->
    skip cursor;
    let inner = choice cursor (depth + 1) in
    if peek cursor <> Some ')' then raise (Invalid "a group is not closed");
    skip cursor;
    if inner = Nothing then Sequence (Nothing, Nothing) else inner
  | '[' ->
    skip cursor;
    let negated = peek cursor = Some '^' in
    if negated then skip cursor;
    Class { negated; ranges = class_items cursor ~first:true [] }
  | '.' -> skipped Any
  | '^' -> skipped At_start
  | '$' -> skipped At_end
  | '*' | '+' | '?' -> raise (Invalid "nothing to repeat")
  | '\\' ->
    skip cursor;
    Class { negated = false; ranges = escape cursor }
  | _ -> single (take cursor)

let parse text =
  let cursor = { text; position = 0 } in
  let tree = choice cursor 0 in
  if peek cursor <> None then raise (Invalid "a group was never opened");
  tree

(* {1 Compiling} *)

(* A set of characters: a table for ASCII, ranges for the others. *)
type set = { ascii : Bytes.t; negated : bool; ranges : (int * int) list }

type instruction =
  | One_of of set
  | Split of int * int  (* the first is preferred *)
  | Jump of int
  | Assert_start
  | Assert_end
  | Accept

let in_ranges ~negated ranges code = List.exists (fun (low, high) -> low <= code && code <= high) ranges <> negated

let set ~negated ranges =
  let ascii = Bytes.init 128 (fun code -> if in_ranges ~negated ranges code then '\001' else '\000') in
  { ascii; negated; ranges }

let anything = set ~negated:true []

let accepts set code =
  if code < 128 then Bytes.unsafe_get set.ascii code = '\001' else in_ranges ~negated:set.negated set.ranges code

let compile tree =
  let code = ref [||] and size = ref 0 in
  let emit instruction =
    if !size >= Array.length !code then begin
      let larger = Array.make (2 * !size + 16) Accept in
      Array.blit !code 0 larger 0 !size;
      code := larger
    end;
    !code.(!size) <- instruction;
    incr size;
    !size - 1
  in
  let rec go = function
    | Nothing -> ()
    | Any -> ignore (emit (One_of anything))
    | Class { negated; ranges } -> ignore (emit (One_of (set ~negated ranges)))
    | At_start -> ignore (emit Assert_start)
    | At_end -> ignore (emit Assert_end)
    | Sequence (first, second) -> go first; go second
    | Choice (first, second) ->
      let split = emit Accept in
      go first;
      let jump = emit Accept in
      !code.(split) <- Split (split + 1, !size);
      go second;
      !code.(jump) <- Jump !size
    | Repeat { inner; least; unbounded; greedy } ->
      if least = 1 then begin
        let start = !size in
        go inner;
        let split = emit Accept in
        !code.(split) <- (if greedy then Split (start, split + 1) else Split (split + 1, start))
      end
      else begin
        let split = emit Accept in
        go inner;
        if unbounded then ignore (emit (Jump split));
        !code.(split) <- (if greedy then Split (split + 1, !size) else Split (!size, split + 1))
      end
  in
  go tree;
  ignore (emit Accept);
  Array.sub !code 0 !size

(* {1 Matching} *)

type t = {
  code : instruction array;
  single : set option;  (* the whole pattern when it is one character *)
  current : int array;  (* threads, best first; a scratch of the matcher *)
  following : int array;
  mark : int array;  (* the generation in which an instruction was last entered *)
  mutable generation : int;
}

let of_string text =
  let code = compile (parse text) in
  let size = Array.length code in
  {
    code;
    single = (match code with [| One_of set; Accept |] -> Some set | _ -> None);
    current = Array.make size 0;
    following = Array.make size 0;
    mark = Array.make size (-1);
    generation = 0;
  }

(* The character at [i], and its bytes: as {!decode}, without a pair. *)
let code_at text i =
  let byte = Char.code (String.unsafe_get text i) in
  if byte < 128 then byte else fst (decode text i)

let width_at text i =
  if Char.code (String.unsafe_get text i) < 128 then 1 else snd (decode text i)

(* Adds the threads reachable from [pc] without reading; their new number. *)
let rec enter regex text position threads count pc =
  if regex.mark.(pc) = regex.generation then count
  else begin
    regex.mark.(pc) <- regex.generation;
    match regex.code.(pc) with
    | Jump target -> enter regex text position threads count target
    | Split (first, second) ->
      let count = enter regex text position threads count first in
      enter regex text position threads count second
    | Assert_start -> if position = 0 then enter regex text position threads count (pc + 1) else count
    | Assert_end ->
      if position = String.length text then enter regex text position threads count (pc + 1) else count
    | One_of _ | Accept ->
      threads.(count) <- pc;
      count + 1
  end

(* Moves the threads over one character, best first, up to one that accepts: returns
   how many follow, or with an accepting thread at [position], -1 less that number. *)
let rec move regex text ~whole current following count position i next_count =
  if i = count then next_count
  else begin
    let pc = current.(i) in
    let size = String.length text in
    match regex.code.(pc) with
    | Accept when position = size || not whole -> -1 - next_count
    | One_of set when position < size && accepts set (code_at text position) ->
      let next = position + width_at text position in
      let next_count = enter regex text next following next_count (pc + 1) in
      move regex text ~whole current following count position (i + 1) next_count
    | Accept | One_of _ | Jump _ | Split _ | Assert_start | Assert_end ->
      move regex text ~whole current following count position (i + 1) next_count
  end

let rec advance regex text ~whole current following count position last =
  if count = 0 then last
  else begin
    Budget.steps ((count + 3) lsr 2);
    regex.generation <- regex.generation + 1;
    let moved = move regex text ~whole current following count position 0 0 in
    let last = if moved < 0 then position else last in
    let next = if position < String.length text then position + width_at text position else position in
    advance regex text ~whole following current (if moved < 0 then -1 - moved else moved) next last
  end

(* Where the match that starts at [start] ends: the preferred one, or with
   [whole] only one that reaches the end of the text. -1 when there is none. *)
let match_end ~whole regex text start =
  match regex.single with
  | Some set when not whole ->
    Budget.step ();
    if start < String.length text && accepts set (code_at text start) then start + width_at text start else -1
  | _ ->
    regex.generation <- regex.generation + 1;
    let count = enter regex text start regex.current 0 0 in
    advance regex text ~whole regex.current regex.following count start (-1)

let matches_whole regex text = match_end ~whole:true regex text 0 >= 0

let split_reversed regex text =
  let size = String.length text in
  let piece first last pieces = if first = last then pieces else String.sub text first (last - first) :: pieces in
  let rec search pieces done_to start =
    if start >= size then piece done_to size pieces
    else begin
      let stop = match_end ~whole:false regex text start in
      if stop = -1 then search pieces done_to (start + width_at text start)
      else if stop = start then search (piece done_to start pieces) start (start + width_at text start)
      else search (piece start stop (piece done_to start pieces)) stop stop
    end
  in
  search [] 0 0

open Arc_kinds
open Values

(* {1 Arithmetic of 63 bits} *)

let beyond () = fail "an integer beyond 63 bits"

let add a b =
  let sum = a + b in
  if a >= 0 = (b >= 0) && a >= 0 <> (sum >= 0) then beyond () else sum

let subtract a b =
  let difference = a - b in
  if a >= 0 <> (b >= 0) && a >= 0 <> (difference >= 0) then beyond () else difference

let multiply a b =
  if abs a < 1 lsl 30 && abs b < 1 lsl 30 then a * b
  else if a = 0 || b = 0 then 0
  else begin
    let product = a * b in
    if product / b <> a || (a = min_int && b = -1) || (b = min_int && a = -1) then beyond () else product
  end

(* Rounded down. *)
let divide a b =
  if b = 0 then fail "division by zero";
  let quotient = a / b in
  if a mod b <> 0 && a < 0 <> (b < 0) then quotient - 1 else quotient

(* {1 Numbers and pairs of numbers} *)

(* Of a longer list, too, the first two numbers are a pair. *)
let map f = function
  | Cons (a, Cons (b, _)) -> pair (int (f (integer a))) (int (f (integer b)))
  | value -> int (f (integer value))

let is_pair = function Cons _ -> true | _ -> false

(* A number beside a pair is combined with both of its parts. *)
let combine f a b =
  match (is_pair a, is_pair b) with
  | false, false -> int (f (integer a) (integer b))
  | _ ->
    let parts value =
      match value with
      | Cons (a, Cons (b, _)) -> (integer a, integer b)
      | value ->
        let n = integer value in
        (n, n)
    in
    let a, a' = parts a and b, b' = parts b in
    pair (int (f a b)) (int (f a' b'))

let crement n = if n > 0 then add n 1 else if n < 0 then subtract n 1 else 0

(* {1 The table} *)

let logic f = Primitive.Binary (fun a b -> of_bool (f (truth a) (truth b)))

let constants =
  let open Arc_signatures in
  let constant ty name value json doc = Primitive.make name ty (Constant value) ~doc ~example:{ program = name; inputs = "[]"; value = json } in
  let integer (name, n) = constant "int" name (Values.int n) (string_of_int n) (Printf.sprintf "the integer %d, also as a color" n) in
  let offset (name, row, column) =
    constant position name (Sets.position (Cells.position row column)) (Printf.sprintf "[%d,%d]" row column) (Printf.sprintf "the position, or offset, %d, %d: row and column" row column)
  in
  List.map integer
    [
      ("ZERO", 0); ("ONE", 1); ("TWO", 2); ("THREE", 3); ("FOUR", 4); ("FIVE", 5); ("SIX", 6); ("SEVEN", 7);
      ("EIGHT", 8); ("NINE", 9); ("TEN", 10); ("NEG_ONE", -1); ("NEG_TWO", -2);
    ]
  @ [ constant "bool" "T" (Bool true) "true" "true"; constant "bool" "F" (Bool false) "false" "false" ]
  @ List.map offset
      [
        ("DOWN", 1, 0); ("RIGHT", 0, 1); ("UP", -1, 0); ("LEFT", 0, -1); ("ORIGIN", 0, 0); ("UNITY", 1, 1);
        ("NEG_UNITY", -1, -1); ("UP_RIGHT", -1, 1); ("DOWN_LEFT", 1, -1); ("ZERO_BY_TWO", 0, 2);
        ("TWO_BY_ZERO", 2, 0); ("TWO_BY_TWO", 2, 2); ("THREE_BY_THREE", 3, 3);
      ]

let table =
  let open Arc_signatures in
  let row name parameters result implementation doc values = family name parameters result implementation ~doc ~values in
  let two name f doc values =
    let rows = [ ("int", "int", "int", "int"); ("pair", position, position, position); ("int_pair", "int", position, position); ("pair_int", position, "int", position) ] in
    let sample side ty = if ty = "int" then (if side then "SEVEN" else "TWO") else if side then "UP_RIGHT" else "TWO_BY_TWO" in
    overloads name (Binary (combine f)) ~doc
      (List.mapi
         (fun i (kind, a, b, result) ->
           ( kind, Printf.sprintf "%s -> %s -> %s" a b result,
             Printf.sprintf "(%s.%s %s %s)" name kind (sample true a) (sample false b),
             match List.nth_opt values i with Some value -> value | None -> "null" ))
         rows)
  in
  let one name f doc values = row name [ number "SEVEN" "DOWN_LEFT" ] "${1}" (Unary (map f)) doc values in
  constants
  @ List.concat
      [
        two "add" add "the sum; of pairs, or of a number and each of a pair, in both parts"
          [ "9"; "[1,3]"; "[9,9]"; "[1,3]" ];
        two "subtract" subtract "the difference; of pairs, or of a number and each of a pair, in both parts"
          [ "5"; "[-3,-1]"; "[5,5]"; "[-3,-1]" ];
        two "multiply" multiply "the product; of pairs, or of a number and each of a pair, in both parts"
          [ "14"; "[-2,2]"; "[14,14]"; "[-2,2]" ];
        two "divide" divide "the quotient, rounded down; of pairs, or of a number and each of a pair, in both parts"
          [ "3"; "[-1,0]"; "[3,3]"; "[-1,0]" ];
        one "invert" (subtract 0) "the number, or both, with the other sign" [ "-7"; "[-1,1]" ];
        one "double" (multiply 2) "the number, or both, twice" [ "14"; "[2,-2]" ];
        one "halve" (fun n -> divide n 2) "half the number, or both, rounded down" [ "3"; "[0,-1]" ];
        one "increment" (add 1) "the number, or both, and one more" [ "8"; "[2,0]" ];
        one "decrement" (fun n -> subtract n 1) "the number, or both, and one less" [ "6"; "[0,-2]" ];
        one "crement" crement "the number, or both, one further from zero; zero for zero" [ "8"; "[2,-2]" ];
        one "sign" (fun n -> Int.compare n 0) "1, 0 or −1, of the number or of both" [ "1"; "[1,-1]" ];
        row "even" [ int "SEVEN" ] "bool" (Unary (fun n -> of_bool (integer n land 1 = 0)))
          "whether the integer is even" [ "false" ];
        row "positive" [ int "SEVEN" ] "bool" (Unary (fun n -> of_bool (integer n > 0)))
          "whether the integer is greater than zero" [ "true" ];
        row "greater" [ int "SEVEN"; int "TWO" ] "bool" (Binary (fun a b -> of_bool (integer a > integer b)))
          "whether the first integer is greater" [ "true" ];
        row "flip" [ bool "T" ] "bool" (Unary (fun a -> of_bool (not (truth a)))) "whether it is false" [ "false" ];
        row "both" [ bool "T"; bool "F" ] "bool" (logic ( && )) "whether both are true" [ "false" ];
        row "either" [ bool "T"; bool "F" ] "bool" (logic ( || )) "whether one of both is true" [ "true" ];
        row "toivec" [ int "TWO" ] position (Unary (fun n -> pair n (Values.int 0))) "that many rows down, as an offset"
          [ "[2,0]" ];
        row "tojvec" [ int "TWO" ] position (Unary (fun n -> pair (Values.int 0) n))
          "that many columns to the right, as an offset" [ "[0,2]" ];
      ]

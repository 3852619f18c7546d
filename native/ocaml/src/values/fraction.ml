open Values

(* Sums of two products of such parts have at most 62 bits. *)
let most = 1 lsl 30

let rec gcd a b = if b = 0 then a else gcd b (a mod b)

let make numerator denominator =
  if denominator = 0 then fail "division by zero";
  let divisor = gcd (abs numerator) (abs denominator) in
  let divisor = if denominator < 0 then -divisor else divisor in
  let numerator = numerator / divisor and denominator = denominator / divisor in
  if abs numerator > most || denominator > most then fail "a fraction of more than 30 bits";
  Cons (Int numerator, Cons (Int denominator, Nil))

let parts = function
  | Cons (Int numerator, Cons (Int denominator, Nil)) -> (numerator, denominator)
  | _ -> wrong_kind ()

let combined sign first second =
  let a, b = parts first and c, d = parts second in
  make ((a * d) + (sign * c * b)) (b * d)

let add first second = combined 1 first second
let subtract first second = combined (-1) first second

(* An integer of a program may have 63 bits. *)
let factor n = if abs n > most then fail "an integer of more than 30 bits" else n

let times value n =
  let numerator, denominator = parts value in
  make (numerator * factor n) denominator

let over value n =
  let numerator, denominator = parts value in
  make numerator (denominator * factor n)

let part_of_one value =
  let numerator, denominator = parts value in
  let rest = numerator mod denominator in
  make (if rest < 0 then rest + denominator else rest) denominator

let to_float value =
  let numerator, denominator = parts value in
  float_of_int numerator /. float_of_int denominator

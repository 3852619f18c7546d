type t = { mutable state : int64 }

let create seed = { state = Int64.of_int seed }

let next generator =
  let open Int64 in
  generator.state <- add generator.state 0x9E3779B97F4A7C15L;
  let z = generator.state in
  let z = mul (logxor z (shift_right_logical z 30)) 0xBF58476D1CE4E5B9L in
  let z = mul (logxor z (shift_right_logical z 27)) 0x94D049BB133111EBL in
  logxor z (shift_right_logical z 31)

let member seed index =
  let family = create seed in
  let spread = Int64.mul (Int64.of_int (index + 1)) 0xD1342543DE82EF95L in
  { state = next { state = Int64.logxor (next family) spread } }

let uniform generator = Int64.to_float (Int64.shift_right_logical (next generator) 11) *. 0x1p-53

let below generator count = min (count - 1) (int_of_float (uniform generator *. float_of_int count))

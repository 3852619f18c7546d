type t = int

let unit = 1e12

let infinite : t = max_int / 16

(* A choice of less probability than e^-100000 is never made. *)
let dearest = 100_000. *. unit

let of_nats nats : t = if nats *. unit >= dearest then infinite else int_of_float (Float.round (nats *. unit))
let to_nats (cost : t) = float_of_int cost /. unit
let is_finite cost = cost < infinite
let plus a b : t = min infinite (a + b)

let log_sum_exp weights =
  let greatest = List.fold_left Float.max neg_infinity weights in
  if greatest = neg_infinity then neg_infinity
  else greatest +. log (List.fold_left (fun sum w -> sum +. exp (w -. greatest)) 0. weights)

open Values

(* {1 Functions of functions}

   All of them take the argument of the function that they make, too, so that a function made is what is left when
   it is missing. *)

let compose f g x = apply f (apply g x)
let chain f g h x = apply f (apply g (apply h x))
let fork f g h x = apply2 f (apply g x) (apply h x)
let matcher f value x = of_bool (equal (apply f x) value)

let power f times x =
  let times = Arc_kinds.integer times in
  if times < 1 then fail "a function applied less than once";
  let rec go times x =
    if times = 0 then x
    else begin
      Budget.step ();
      go (times - 1) (apply f x)
    end
  in
  go times x

let rbind2 f b a = apply2 f a b
let rbind3 f c a b = apply (apply2 f a b) c
let lbind2 f a b = apply2 f a b
let lbind3 f a b c = apply (apply2 f a b) c

(* Of four arguments the last is taken by the function that is made. *)
let rbind4 f d a b = Function (fun c -> apply2 (apply2 f a b) c d)
let lbind4 f a b c = apply (apply2 f a b) c

let table =
  let row name implementation doc rows = Arc_signatures.overloads name implementation ~doc rows in
  List.concat
    [
      row "compose" (Ternary compose) "the first function of the second one's value"
        [ ("", "(t1 -> t2) -> (t0 -> t1) -> t0 -> t2", "(compose invert.int double.int THREE)", "-6") ];
      row "chain" (Quaternary chain) "the first function of the second one's value of the third one's"
        [ ("", "(t2 -> t3) -> (t1 -> t2) -> (t0 -> t1) -> t0 -> t3", "(chain invert.int double.int increment.int THREE)", "-8") ];
      row "fork" (Quaternary fork) "the first function of the values of the two others"
        [ ("", "(t1 -> t2 -> t3) -> (t0 -> t1) -> (t0 -> t2) -> t0 -> t3", "(fork hconcat identity vmirror.grid $0)", "[[0,2,2,2,2,0],[0,0,1,1,0,0]]") ];
      row "matcher" (Ternary matcher) "whether the function's value is the second argument"
        [ ("", "(t0 -> t1) -> t1 -> t0 -> bool", "(matcher double.int SIX THREE)", "true") ];
      row "power" (Ternary power) "the function applied so many times"
        [ ("", "(t0 -> t0) -> int -> t0 -> t0", "(power double.int THREE ONE)", "8") ];
      row "rbind" (Ternary rbind2) "the function with its last argument given"
        [ ("2", "(t0 -> t1 -> t2) -> t1 -> t0 -> t2", "(rbind.2 subtract.int ONE THREE)", "2") ];
      row "rbind" (Quaternary rbind3) "the function with its last argument given"
        [ ("3", "(t0 -> t1 -> t2 -> t3) -> t2 -> t0 -> t1 -> t3", "(rbind.3 interval TWO ONE SIX)", "[1,3,5]") ];
      row "rbind" (Quaternary rbind4) "the function with its last argument given"
        [ ("4", "(t0 -> t1 -> t2 -> t3 -> t4) -> t3 -> t0 -> t1 -> t2 -> t4", "(size.set (rbind.4 objects T $0 T F))", "2") ];
      row "lbind" (Ternary lbind2) "the function with its first argument given"
        [ ("2", "(t0 -> t1 -> t2) -> t0 -> t1 -> t2", "(lbind.2 subtract.int ONE THREE)", "-2") ];
      row "lbind" (Quaternary lbind3) "the function with its first argument given"
        [ ("3", "(t0 -> t1 -> t2 -> t3) -> t0 -> t1 -> t2 -> t3", "(lbind.3 interval ONE SIX TWO)", "[1,3,5]") ];
      row "lbind" (Quaternary lbind4) "the function with its first argument given"
        [ ("4", "(t0 -> t1 -> t2 -> t3 -> t4) -> t0 -> t1 -> t2 -> t3 -> t4", "(size.set (lbind.4 objects $0 T F T))", "2") ];
    ]

open Values

(* {1 Integers} *)

let overflow () = fail "an integer beyond 63 bits"

let add a b =
  let sum = a + b in
  if (a >= 0) = (b >= 0) && (sum >= 0) <> (a >= 0) then overflow () else sum

let subtract a b =
  let difference = a - b in
  if (a >= 0) <> (b >= 0) && (difference >= 0) <> (a >= 0) then overflow () else difference

let is_small n = -0x4000_0000 < n && n < 0x4000_0000

let multiply a b =
  if is_small a && is_small b then a * b
  else if a = 0 || b = 0 then 0
  else begin
    let product = a * b in
    if (a = min_int && b = -1) || (b = min_int && a = -1) || product / b <> a then overflow () else product
  end

(* The remainder has the sign of the divisor, as in mathematics and in Python. *)
let modulo a b =
  if b = 0 then fail "mod by zero"
  else begin
    let remainder = a mod b in
    if remainder <> 0 && (remainder < 0) <> (b < 0) then remainder + b else remainder
  end

(* By trial division; a step of fuel for each 16 trials. *)
let is_prime n =
  let rec try_from divisor =
    if divisor > n / divisor then true
    else if n mod divisor = 0 then false
    else begin
      if divisor land 31 = 1 then Budget.step ();
      try_from (divisor + 2)
    end
  in
  if n < 4 then n >= 2 else n mod 2 <> 0 && try_from 3

let is_square n =
  n >= 0
  &&
  let near = int_of_float (sqrt (float_of_int n)) in
  let is_root root = root >= 0 && root <= 2_147_483_647 && root * root = n in
  is_root near || is_root (near - 1) || is_root (near + 1)

let arithmetic f = Primitive.Binary (fun a b -> match (a, b) with Int a, Int b -> Int (f a b) | _ -> wrong_kind ())
let comparison f = Primitive.Binary (fun a b -> match (a, b) with Int a, Int b -> of_bool (f a b) | _ -> wrong_kind ())
let test f = Primitive.Unary (function Int a -> of_bool (f a) | _ -> wrong_kind ())
let truth f = Primitive.Binary (fun a b -> match (a, b) with Bool a, Bool b -> of_bool (f a b) | _ -> wrong_kind ())

(* {1 Lists} *)

let cons first rest =
  match rest with
  | Cons _ | Nil ->
    Budget.allocate 1;
    Cons (first, rest)
  | _ -> wrong_kind ()

let car = function Cons (first, _) -> first | Nil -> fail "car of the empty list" | _ -> wrong_kind ()
let cdr = function Cons (_, rest) -> rest | Nil -> fail "cdr of the empty list" | _ -> wrong_kind ()
let is_empty = function Nil -> Bool true | Cons _ -> Bool false | _ -> wrong_kind ()

let length list =
  let rec count n = function Cons (_, rest) -> count (n + 1) rest | Nil -> n | _ -> wrong_kind () in
  let length = count 0 list in
  Budget.steps (length lsr 4);
  Int length

(* A list from its elements, last first; one cell each. *)
let build reversed =
  let rec onto list = function [] -> list | item :: items -> onto (Cons (item, list)) items in
  onto Nil reversed

let map f list =
  let rec go reversed = function
    | Cons (item, rest) ->
      let image = apply f item in
      Budget.allocate 1;
      go (image :: reversed) rest
    | Nil -> build reversed
    | _ -> wrong_kind ()
  in
  go [] list

let mapi f list =
  let rec go i reversed = function
    | Cons (item, rest) ->
      let image = apply2 f (Int i) item in
      Budget.allocate 1;
      go (i + 1) (image :: reversed) rest
    | Nil -> build reversed
    | _ -> wrong_kind ()
  in
  go 0 [] list

let holds predicate item = match apply predicate item with Bool truth -> truth | _ -> wrong_kind ()

let filter predicate list =
  let rec go reversed = function
    | Cons (item, rest) ->
      if holds predicate item then begin
        Budget.allocate 1;
        go (item :: reversed) rest
      end
      else go reversed rest
    | Nil -> build reversed
    | _ -> wrong_kind ()
  in
  go [] list

let rec any predicate = function
  | Cons (item, rest) -> if holds predicate item then Bool true else any predicate rest
  | Nil -> Bool false
  | _ -> wrong_kind ()

let rec all predicate = function
  | Cons (item, rest) -> if holds predicate item then all predicate rest else Bool false
  | Nil -> Bool true
  | _ -> wrong_kind ()

(* The right fold: [f] of an element and of the fold of what stands after it. *)
let fold list initial f =
  let rec go accumulated = function
    | [] -> accumulated
    | item :: items -> go (apply2 f item accumulated) items
  in
  go initial (reversed_elements list)

(* Left folds, the second with the position. *)
let rec reduce f accumulated = function
  | Cons (item, rest) -> reduce f (apply2 f accumulated item) rest
  | Nil -> accumulated
  | _ -> wrong_kind ()

let reducei f initial list =
  let rec go i accumulated = function
    | Cons (item, rest) -> go (i + 1) (apply (apply2 f (Int i) accumulated) item) rest
    | Nil -> accumulated
    | _ -> wrong_kind ()
  in
  go 0 initial list

let most_unfoldings = 50

let is_surely_same (a : Values.t) b = a == b || match (a, b) with Int a, Int b -> a = b | _ -> false

(* The images of the seeds until the predicate holds of one. *)
let unfolded seed stop image next =
  let rec go steps reversed seed =
    if holds stop seed then build reversed
    else if steps = 0 then fail "unfold takes more than 50 steps"
    else begin
      let item = image seed in
      Budget.allocate 1;
      let next_seed = apply next seed in
      (* It would never stop. *)
      go (if is_surely_same seed next_seed then 0 else steps - 1) (item :: reversed) next_seed
    end
  in
  go most_unfoldings [] seed

let unfold seed stop output next = unfolded seed stop (apply output) next

let staged_unfold =
  let start = function [ seed; stop; next ] -> unfolded seed stop Fun.id next | _ -> wrong_kind () in
  { Primitive.last = 2; start; finish = map }

(* Recursion on one argument. The bound is on nested unfoldings: unlike a count
   of all calls it does not depend on which calls are shared. *)
let fix1 argument body =
  let rec unfolding level argument =
    if level > most_unfoldings then fail "fix1 unfolds more than 50 times"
    else apply2 body (Function (fun argument -> unfolding (level + 1) (evaluated argument))) argument
  in
  unfolding 1 argument

let range count =
  match count with
  | Int count ->
    if count > 0 then Budget.allocate count;
    let rec go list i = if i < 0 then list else go (Cons (Int i, list)) (i - 1) in
    go Nil (count - 1)
  | _ -> wrong_kind ()

let index position list =
  let rec go i = function
    | Cons (item, rest) -> if i = 0 then item else go (i - 1) rest
    | Nil -> fail "index out of range"
    | _ -> wrong_kind ()
  in
  match position with
  | Int i -> if i < 0 then fail "index out of range" else go i list
  | _ -> wrong_kind ()

let reverse list =
  let rec go reversed = function
    | Cons (item, rest) ->
      Budget.allocate 1;
      go (Cons (item, reversed)) rest
    | Nil -> reversed
    | _ -> wrong_kind ()
  in
  go Nil list

let integers list = List.rev_map (function Int n -> n | _ -> wrong_kind ()) (reversed_elements list)

let sort list =
  let sorted = List.stable_sort (fun (a : int) b -> compare a b) (integers list) in
  let length = List.length sorted in
  Budget.allocate length;
  Budget.steps length;
  build (List.rev_map (fun n -> Int n) sorted)

let sum list =
  let integers = integers list in
  Budget.steps (List.length integers lsr 4);
  Int (List.fold_left add 0 integers)

(* Elements from the first position up to, not including, the second; positions
   outside of the list are moved to its ends. *)
let slice first last list =
  let rec go i last reversed = function
    | Cons (item, rest) when last > 0 ->
      if i > 0 then go (i - 1) (last - 1) reversed rest
      else begin
        Budget.allocate 1;
        go 0 (last - 1) (item :: reversed) rest
      end
    | Cons _ | Nil -> build reversed
    | _ -> wrong_kind ()
  in
  match (first, last) with
  | Int first, Int last -> go (max 0 first) last [] list
  | _ -> wrong_kind ()

let append first second =
  match second with
  | Cons _ | Nil ->
    let reversed = reversed_elements first in
    Budget.allocate (List.length reversed);
    rev_append reversed second
  | _ -> wrong_kind ()

let negation = function Bool truth -> of_bool (not truth) | _ -> wrong_kind ()
let negate = function Int n -> if n = min_int then overflow () else Int (-n) | _ -> wrong_kind ()

(* {1 Inverses} *)

let integer_inverse f =
  let given_first first value = match (first, value) with Int first, Int value -> f first value | _ -> None in
  Primitive.Second { given_first; smaller = false }

let checked f a b = match f a b with n -> Some (Int n) | exception Failed _ -> None

let factor first value =
  if first = 0 || (first = -1 && value = min_int) || value mod first <> 0 then None else Some (Int (value / first))

(* An empty first list would leave the goal as it is. *)
let after_prefix prefix list =
  let rec drop prefix list =
    match (prefix, list) with
    | Nil, rest -> Some rest
    | Cons (a, prefix), Cons (b, rest) -> if equal a b then drop prefix rest else None
    | _ -> None
  in
  drop prefix list

let parts_of_cons = function Cons (first, rest) -> Some [ first; rest ] | _ -> None
let parts_of_singleton = function Cons (item, Nil) -> Some [ item ] | _ -> None

(* Of a primitive that undoes itself. *)
let involution f = Primitive.Parts (fun value -> match f value with original -> Some [ original ] | exception Failed _ -> None)

(* {1 Lists as sequences} *)

let items : Primitive.sequence =
  {
    elements = (fun ~number list -> Array.of_list (List.rev_map number (reversed_elements list)));
    of_elements = (fun ~value numbers -> build (List.rev_map value (Array.to_list numbers)));
  }

(* {1 The tables} *)

let table =
  let primitive ?commutative ?inverse ?role ?varying ?staged name ty implementation ?(inputs = "[]") ~doc ~example:(program, value) () =
    Primitive.make ?commutative ?inverse ?role ?varying ?staged name ty implementation ~doc ~example:{ program; inputs; value }
  in
  let digit n =
    let name = string_of_int n in
    primitive name "int" (Constant (Int n)) ~doc:("the integer " ^ name) ~example:(name, name) ()
  in
  [
    primitive ~role:(Maps items) "map" "(t0 -> t1) -> list(t0) -> list(t1)" (Binary map)
      ~doc:"the function applied to each element"
      ~example:("(map (lambda (+ $0 1)) (cons 1 (cons 2 empty)))", "[2,3]") ();
    primitive ~varying:0 "if" "bool -> t0 -> t0 -> t0" Conditional
      ~doc:"the second argument if the first is true, else the third; only that one is evaluated"
      ~example:("(if (gt? 2 1) 3 4)", "3") ();
    primitive ~inverse:(Parts parts_of_cons) ~role:Prepends "cons" "t0 -> list(t0) -> list(t0)" (Binary cons)
      ~doc:"the list with the element put in front"
      ~example:("(cons 1 (cons 2 empty))", "[1,2]") ();
    primitive "car" "list(t0) -> t0" (Unary car)
      ~doc:"the first element; an error for the empty list"
      ~example:("(car (cons 1 (cons 2 empty)))", "1") ();
    primitive "cdr" "list(t0) -> list(t0)" (Unary cdr)
      ~doc:"the list without its first element; an error for the empty list"
      ~example:("(cdr (cons 1 (cons 2 empty)))", "[2]") ();
    primitive ~varying:1 ~staged:staged_unfold "unfold" "t0 -> (t0 -> bool) -> (t0 -> t1) -> (t0 -> t0) -> list(t1)" (Quaternary unfold)
      ~doc:"from a seed: until the predicate holds of it, the output of the seed, and on with the next seed; at most 50 elements"
      ~example:("(unfold 0 (lambda (eq? $0 3)) (lambda (* $0 $0)) (lambda (+ $0 1)))", "[0,1,4]") ();
    primitive "range" "int -> list(int)" (Unary range)
      ~doc:"the integers from 0 up to, not including, the argument"
      ~example:("(range 3)", "[0,1,2]") ();
    primitive "index" "int -> list(t0) -> t0" (Binary index)
      ~doc:"the element at a position, counted from 0; an error beyond the list"
      ~example:("(index 1 (cons 5 (cons 7 empty)))", "7") ();
    primitive "fold" "list(t0) -> t1 -> (t0 -> t1 -> t1) -> t1" (Ternary fold)
      ~doc:"the right fold: the function of each element and of the fold of the elements after it, which at the end is the second argument"
      ~example:("(fold (range 4) 0 (lambda (lambda (+ $1 $0))))", "6") ();
    primitive "length" "list(t0) -> int" (Unary length)
      ~doc:"the number of elements"
      ~example:("(length (range 3))", "3") ();
    primitive ~commutative:true ~inverse:(integer_inverse (fun first value -> checked subtract value first)) "+" "int -> int -> int" (arithmetic add)
      ~doc:"the sum"
      ~example:("(+ 2 3)", "5") ();
    primitive ~inverse:(integer_inverse (checked subtract)) ~role:Subtracts "-" "int -> int -> int" (arithmetic subtract)
      ~doc:"the difference"
      ~example:("(- 2 3)", "-1") ();
    primitive ~commutative:true ~inverse:(integer_inverse factor) "*" "int -> int -> int" (arithmetic multiply)
      ~doc:"the product"
      ~example:("(* 2 3)", "6") ();
    primitive "mod" "int -> int -> int" (arithmetic modulo)
      ~doc:"the remainder of the division, with the sign of the divisor; an error for a divisor 0"
      ~example:("(mod (- 0 1) 3)", "2") ();
    primitive "gt?" "int -> int -> bool" (comparison (fun (a : int) b -> a > b))
      ~doc:"whether the first integer is greater"
      ~example:("(gt? 2 1)", "true") ();
    primitive ~commutative:true "eq?" "int -> int -> bool" (comparison (fun (a : int) b -> a = b))
      ~doc:"whether two integers are equal"
      ~example:("(eq? 2 2)", "true") ();
    primitive "empty" "list(t0)" (Constant Nil)
      ~doc:"the empty list"
      ~example:("(length empty)", "0") ();
    primitive "empty?" "list(t0) -> bool" (Unary is_empty)
      ~doc:"whether the list is empty"
      ~example:("(empty? (range 0))", "true") ();
    primitive "is-prime" "int -> bool" (test is_prime)
      ~doc:"whether the integer is a prime number"
      ~example:("(is-prime 7)", "true") ();
    primitive "is-square" "int -> bool" (test is_square)
      ~doc:"whether the integer is the square of an integer"
      ~example:("(is-square 9)", "true") ();
    primitive "fix1" "t0 -> ((t0 -> t1) -> t0 -> t1) -> t1" (Binary fix1)
      ~doc:"recursion on one argument: the body gets the function to call itself with, and the argument; at most 50 calls deep"
      ~example:("(fix1 4 (lambda (lambda (if (eq? $0 0) 0 (+ $0 ($1 (- $0 1)))))))", "10") ();
    primitive "mapi" "(int -> t0 -> t1) -> list(t0) -> list(t1)" (Binary mapi)
      ~doc:"the function applied to each position, from 0, and its element"
      ~example:("(mapi (lambda (lambda (+ $1 $0))) (cons 5 (cons 5 empty)))", "[5,6]") ();
    primitive "reduce" "(t1 -> t0 -> t1) -> t1 -> list(t0) -> t1" (Ternary reduce)
      ~doc:"the left fold: the function of what is accumulated so far and of each element"
      ~example:("(reduce (lambda (lambda (- $1 $0))) 9 (cons 1 (cons 2 empty)))", "6") ();
    primitive "reducei" "(int -> t1 -> t0 -> t1) -> t1 -> list(t0) -> t1" (Ternary reducei)
      ~doc:"the left fold, whose function gets the position of the element first"
      ~example:("(reducei (lambda (lambda (lambda (+ $2 $1)))) 0 (cons 7 (cons 7 (cons 7 empty))))", "3") ();
    primitive ~role:(Filters items) ~varying:0 "filter" "(t0 -> bool) -> list(t0) -> list(t0)" (Binary filter)
      ~doc:"the elements of which the predicate holds"
      ~example:("(filter (lambda (gt? $0 1)) (range 4))", "[2,3]") ();
    primitive "any" "(t0 -> bool) -> list(t0) -> bool" (Binary any)
      ~doc:"whether the predicate holds of some element"
      ~example:("(any (lambda (eq? $0 2)) (range 3))", "true") ();
    primitive "all" "(t0 -> bool) -> list(t0) -> bool" (Binary all)
      ~doc:"whether the predicate holds of each element"
      ~example:("(all (lambda (gt? $0 0)) (range 3))", "false") ();
    primitive ~inverse:(involution reverse) "reverse" "list(t0) -> list(t0)" (Unary reverse)
      ~doc:"the list from its end to its start"
      ~example:("(reverse (range 3))", "[2,1,0]") ();
    primitive "sort" "list(int) -> list(int)" (Unary sort)
      ~doc:"the integers in ascending order"
      ~example:("(sort (reverse (range 3)))", "[0,1,2]") ();
    primitive "sum" "list(int) -> int" (Unary sum)
      ~doc:"the sum of the integers"
      ~example:("(sum (range 4))", "6") ();
    primitive "slice" "int -> int -> list(t0) -> list(t0)" (Ternary slice)
      ~doc:"the elements from the first position up to, not including, the second; positions beyond the list are its ends"
      ~example:("(slice 1 3 (range 5))", "[1,2]") ();
    primitive ~inverse:(Parts parts_of_singleton) "singleton" "t0 -> list(t0)" (Unary (fun item -> cons item Nil))
      ~doc:"the list of one element"
      ~example:("(singleton 4)", "[4]") ();
    primitive ~inverse:(Second { given_first = after_prefix; smaller = true }) "++" "list(t0) -> list(t0) -> list(t0)" (Binary append)
      ~doc:"the second list after the first"
      ~example:("(++ (range 2) (range 2))", "[0,1,0,1]") ();
    primitive ~inverse:(involution negation) "not" "bool -> bool" (Unary negation)
      ~doc:"the opposite of a truth value"
      ~example:("(not true)", "false") ();
    primitive ~commutative:true "and" "bool -> bool -> bool" (truth ( && ))
      ~doc:"whether both hold; both are evaluated"
      ~example:("(and true (not true))", "false") ();
    primitive ~commutative:true "or" "bool -> bool -> bool" (truth ( || ))
      ~doc:"whether one of both holds; both are evaluated"
      ~example:("(or true (not true))", "true") ();
    primitive "true" "bool" (Constant (Bool true))
      ~doc:"the truth value true"
      ~example:("true", "true") ();
    primitive "false" "bool" (Constant (Bool false))
      ~doc:"the truth value false"
      ~example:("false", "false") ();
    primitive ~inverse:(involution negate) "negate" "int -> int" (Unary negate)
      ~doc:"the integer with the opposite sign"
      ~example:("(negate 3)", "-3") ();
  ]
  @ List.init 10 digit

let redundancies =
  Redundancy.
    [
      make "car" (At 0) [ "cons"; "empty" ];
      make "cdr" (At 0) [ "cons"; "empty" ];
      make "empty?" (At 0) [ "cons"; "empty" ];
      make "+" Any [ "0" ];
      make "+" (At 0) [ "+" ];
      make "-" (At 1) [ "0" ];
      make "*" Any [ "0"; "1" ];
      make "*" (At 0) [ "*" ];
      make "map" (At 1) [ "empty" ];
      make "fold" (At 0) [ "empty" ];
      make "index" (At 1) [ "empty" ];
      make "zip" Any [ "empty" ];
    ]

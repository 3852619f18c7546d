type t =
  | Int of int
  | Bool of bool
  | Text of string  (* UTF-8; also characters and patterns *)
  | Nil
  | Cons of t * t
  | Record of record
  | Function of (t -> t)
  | Function2 of (t -> t -> t)  (* a curried function that takes two arguments at once *)
  | Delayed of delayed

and record = { keys : string array; fields : t array; hash : int }

and delayed = { mutable state : state }

and state =
  | Pending of { run : environment -> t; environment : environment; depth : int }
  | Forced of t

and environment =
  | Empty
  | Bind of { mutable value : t; outer : environment }

exception Failed of string

let fail message = raise_notrace (Failed message)

let wrong_kind () = fail "a value of the wrong kind"

let force delayed =
  match delayed.state with
  | Forced value -> value
  | Pending { run; environment; depth } ->
    Budget.enter (depth + 1);
    let value = run environment in
    Budget.leave (depth + 1);
    delayed.state <- Forced value;
    value

let evaluated = function Delayed delayed -> force delayed | value -> value

let rec apply f argument =
  match f with
  | Function f -> f argument
  | Function2 f -> Function (f argument)
  | Delayed delayed -> apply (force delayed) argument
  | Int _ | Bool _ | Text _ | Nil | Cons _ | Record _ -> fail "this is not a function"

let rec apply2 f first second =
  match f with
  | Function2 f -> f first second
  | Function f -> apply (f first) second
  | Delayed delayed -> apply2 (force delayed) first second
  | Int _ | Bool _ | Text _ | Nil | Cons _ | Record _ -> fail "this is not a function"

let rec equal left right =
  match (left, right) with
  | Int a, Int b -> a = b
  | Cons (a, rest), Cons (b, rest') -> equal a b && equal rest rest'
  | Nil, Nil -> true
  | Bool a, Bool b -> a = b
  | Text a, Text b -> String.equal a b
  | Record a, Record b -> a == b || (a.hash = b.hash && Array.length a.fields = Array.length b.fields && same_fields a b 0)
  | (Int _ | Bool _ | Text _ | Nil | Cons _ | Record _ | Function _ | Function2 _ | Delayed _), _ -> false

and same_fields a b i =
  i = Array.length a.fields
  || (String.equal a.keys.(i) b.keys.(i) && equal a.fields.(i) b.fields.(i) && same_fields a b (i + 1))

let record keys fields = Record { keys; fields; hash = Hashtbl.hash_param 256 256 fields }

let of_bool value = Bool value

let rec rev_append items onto =
  match items with
  | [] -> onto
  | item :: items -> rev_append items (Cons (item, onto))

let reversed_elements list =
  let rec collect reversed = function
    | Cons (item, rest) -> collect (item :: reversed) rest
    | Nil -> reversed
    | Int _ | Bool _ | Text _ | Record _ | Function _ | Function2 _ | Delayed _ -> wrong_kind ()
  in
  collect [] list

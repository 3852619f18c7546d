type t =
  | Int of int
  | Bool of bool
  | Text of string  (* UTF-8; also characters and patterns *)
  | Nil
  | Cons of t * t
  | Record of record
  | Grid of Grid.t
  | Positions of Cells.t
  | Colored of Cells.t
  | Set of t array
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
  | Int _ | Bool _ | Text _ | Nil | Cons _ | Record _ | Grid _ | Positions _ | Colored _ | Set _ -> fail "this is not a function"

let rec apply2 f first second =
  match f with
  | Function2 f -> f first second
  | Function f -> apply (f first) second
  | Delayed delayed -> apply2 (force delayed) first second
  | Int _ | Bool _ | Text _ | Nil | Cons _ | Record _ | Grid _ | Positions _ | Colored _ | Set _ -> fail "this is not a function"

let smallest_shared = -128
let shared_integers = Array.init 256 (fun i -> Int (i + smallest_shared))

let[@inline] int n =
  if n >= smallest_shared && n < 128 then Array.unsafe_get shared_integers (n - smallest_shared) else Int n

let row_of grid row =
  let rec from column rest = if column < 0 then rest else from (column - 1) (Cons (int (Grid.at grid row column), rest)) in
  from (grid.width - 1) Nil

let rows_of (grid : Grid.t) =
  let rec from row rest = if row < 0 then rest else from (row - 1) (Cons (row_of grid row, rest)) in
  from (grid.height - 1) Nil

let rec equal left right =
  match (left, right) with
  | Int a, Int b -> a = b
  | Cons (a, rest), Cons (b, rest') -> equal a b && equal rest rest'
  | Nil, Nil -> true
  | Bool a, Bool b -> a = b
  | Text a, Text b -> String.equal a b
  | Record a, Record b -> a == b || (a.hash = b.hash && Array.length a.fields = Array.length b.fields && same_fields a b 0)
  | Grid a, Grid b -> Grid.equal a b
  | (Positions a, Positions b | Colored a, Colored b) -> Cells.equal a b
  | Set a, Set b -> a == b || (Array.length a = Array.length b && Array.for_all2 equal a b)
  | Grid grid, (Cons _ | Nil) -> equal (rows_of grid) right
  | (Cons _ | Nil), Grid grid -> equal left (rows_of grid)
  | ( ( Int _ | Bool _ | Text _ | Nil | Cons _ | Record _ | Grid _ | Positions _ | Colored _ | Set _ | Function _
      | Function2 _ | Delayed _ ),
      _ ) ->
    false

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
    | Int _ | Bool _ | Text _ | Record _ | Grid _ | Positions _ | Colored _ | Set _ | Function _ | Function2 _
    | Delayed _ ->
      wrong_kind ()
  in
  collect [] list

open Values

type shape =
  | Immediate  (* evaluating it only builds a value: lambdas, constants *)
  | Variable of int
  | Computation

type t = {
  run : environment -> Values.t;
  shape : shape;
  depth : int;  (* nested nodes outside inner lambdas: what running it needs of the stack *)
  free : int;  (* how many entries of the environment it uses; 0 when closed *)
}

let shared value code = { code with run = (fun _ -> value ()); free = 0 }
let constant value = { run = (fun _ -> value); shape = Immediate; depth = 1; free = 0 }

(* {1 Variables} *)

let[@inline] unbound () = invalid_arg "Code: unbound variable"

let rec nth index = function
  | Bind { value; outer } -> if index = 0 then value else nth (index - 1) outer
  | Empty -> unbound ()

let rec read index environment =
  match environment with
  | Bind binding ->
    if index > 0 then read (index - 1) binding.outer
    else begin
      match binding.value with
      | Delayed delayed ->
        let value = force delayed in
        binding.value <- value;
        value
      | value -> value
    end
  | Empty -> unbound ()

let read_first environment =
  match environment with
  | Bind
      {
        value =
          ( Int _ | Bool _ | Text _ | Nil | Cons _ | Record _ | Grid _ | Positions _ | Colored _ | Set _ | Function _
          | Function2 _ ) as value;
        _;
      } ->
    value
  | environment -> read 0 environment

let variable index =
  let run =
    match index with
    | 0 -> read_first
    | 1 -> ( function Bind { outer; _ } -> read_first outer | Empty -> unbound ())
    | index -> read index
  in
  { run; shape = Variable index; depth = 1; free = index + 1 }

(* The argument as a function's parameter receives it: evaluated if that is
   trivial, else delayed. *)
let delayed code =
  match code.shape with
  | Immediate -> code.run
  | Variable index -> nth index
  | Computation ->
    let { run; depth; _ } = code in
    fun environment -> Delayed { state = Pending { run; environment; depth } }

(* {1 Abstraction} *)

let enclosed code = max 0 (code.free - 1)

let run_body code environment =
  Budget.step ();
  Budget.enter code.depth;
  let value = code.run environment in
  Budget.leave code.depth;
  value

let lambda body =
  let run environment = Function (fun value -> run_body body (Bind { value; outer = environment })) in
  { run; shape = Immediate; depth = 1; free = enclosed body }

let lambda2 body =
  let run environment =
    Function2
      (fun first second ->
        let outer = Bind { value = first; outer = environment } in
        run_body body (Bind { value = second; outer }))
  in
  { run; shape = Immediate; depth = 1; free = max 0 (body.free - 2) }

let rec lambdas count body =
  match count with
  | 0 -> body
  | 1 -> lambda body
  | 2 -> lambda2 body
  | count -> lambdas (count - 2) (lambda2 body)

(* {1 Application} *)

let freest_of codes = List.fold_left (fun free code -> max free code.free) 0 codes

(* Runs [strict] parts inside itself; a delayed part counts when it is forced. *)
let computation run ~strict ~delayed =
  let depth = 1 + List.fold_left (fun depth code -> max depth code.depth) 1 strict in
  { run; shape = Computation; depth; free = max (freest_of strict) (freest_of delayed) }

let apply f arguments =
  let run_f = f.run in
  let run =
    match List.map delayed arguments with
    | [ a ] -> fun environment -> Values.apply (run_f environment) (a environment)
    | [ a; b ] -> fun environment -> apply2 (run_f environment) (a environment) (b environment)
    | arguments ->
      fun environment ->
        List.fold_left (fun f argument -> Values.apply f (argument environment)) (run_f environment) arguments
  in
  computation run ~strict:[ f ] ~delayed:arguments

(* The first [count] of a list, and the rest; [None] when there are fewer. *)
let split count list =
  let rec take reversed count rest =
    match (count, rest) with
    | 0, rest -> Some (List.rev reversed, rest)
    | _, [] -> None
    | count, item :: rest -> take (item :: reversed) (count - 1) rest
  in
  take [] count list

let apply_more f = function [] -> f | arguments -> apply f arguments

let call ~closed count body arguments =
  match split count arguments with
  | None | Some ([], _) ->
    let f = lambdas count body in
    let run = f.run in
    let f = if closed then { f with run = (fun _ -> run Empty); free = 0 } else f in
    apply_more f arguments
  | Some (first, more) ->
    let bind =
      match List.map delayed first with
      | [ a ] -> fun environment outer -> Bind { value = a environment; outer }
      | [ a; b ] ->
        fun environment outer ->
          Bind { value = b environment; outer = Bind { value = a environment; outer } }
      | arguments ->
        fun environment outer ->
          List.fold_left (fun outer argument -> Bind { value = argument environment; outer }) outer arguments
    in
    let run =
      if closed then fun environment -> run_body body (bind environment Empty)
      else fun environment -> run_body body (bind environment environment)
    in
    let code = computation run ~strict:[] ~delayed:first in
    let free = if closed then code.free else max code.free (max 0 (body.free - count)) in
    apply_more { code with free } more

(* {1 Primitives} *)

let not_saturated () = invalid_arg "Code: arguments of a primitive"

(* All arguments given as parameters receive them. *)
let apply_values (primitive : Primitive.t) arguments =
  let argument i value = if primitive.by_need.(i) then value else evaluated value in
  match (primitive.implementation, arguments) with
  | Constant value, [] -> value
  | Conditional, [ condition; yes; no ] -> begin
    match evaluated condition with
    | Bool true -> evaluated yes
    | Bool false -> evaluated no
    | _ -> wrong_kind ()
  end
  | implementation, arguments -> begin
    match (implementation, List.mapi argument arguments) with
    | Unary f, [ a ] -> Budget.step (); f a
    | Binary f, [ a; b ] -> Budget.step (); f a b
    | Ternary f, [ a; b; c ] -> Budget.step (); f a b c
    | Quaternary f, [ a; b; c; d ] -> Budget.step (); f a b c d
    | _ -> not_saturated ()
  end

(* Too few arguments: the same as its eta-expansion, a function of the others. *)
let partial primitive missing arguments =
  let arguments = List.map delayed arguments in
  let run environment =
    let rec wait missing reversed =
      if missing = 0 then apply_values primitive (List.rev reversed)
      else Function (fun value -> wait (missing - 1) (value :: reversed))
    in
    wait missing (List.rev_map (fun argument -> argument environment) arguments)
  in
  run

let saturated (primitive : Primitive.t) arguments =
  let argument i code = if primitive.by_need.(i) then delayed code else code.run in
  match (primitive.implementation, List.mapi argument arguments) with
  | Constant value, [] -> fun _ -> value
  | Unary f, [ a ] ->
    fun environment ->
      let a = a environment in
      Budget.step ();
      f a
  | Binary f, [ a; b ] ->
    fun environment ->
      let a = a environment in
      let b = b environment in
      Budget.step ();
      f a b
  | Ternary f, [ a; b; c ] ->
    fun environment ->
      let a = a environment in
      let b = b environment in
      let c = c environment in
      Budget.step ();
      f a b c
  | Quaternary f, [ a; b; c; d ] ->
    fun environment ->
      let a = a environment in
      let b = b environment in
      let c = c environment in
      let d = d environment in
      Budget.step ();
      f a b c d
  | Conditional, [ condition; yes; no ] ->
    fun environment -> begin
      match condition environment with
      | Bool true -> yes environment
      | Bool false -> no environment
      | _ -> wrong_kind ()
    end
  | _ -> not_saturated ()

let primitive (primitive : Primitive.t) arguments =
  let arity = Primitive.arity primitive.implementation in
  match split arity arguments with
  | Some ([], more) -> begin
    match primitive.implementation with
    | Constant value -> apply_more (constant value) more
    | _ -> not_saturated ()
  end
  | Some (first, more) ->
    let by_need = List.mapi (fun i code -> (primitive.by_need.(i), code)) first in
    let parts needed = List.filter_map (fun (by_need, code) -> if by_need = needed then Some code else None) by_need in
    apply_more (computation (saturated primitive first) ~strict:(parts false) ~delayed:(parts true)) more
  | None ->
    let run = partial primitive (arity - List.length arguments) arguments in
    let code = computation run ~strict:[] ~delayed:arguments in
    { code with shape = Immediate }

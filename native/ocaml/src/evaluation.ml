(* One evaluation of compiled code within a budget, and how it can end. *)

type outcome =
  | Value of Values.t
  | Error of string
  | Fuel
  | Memory of string

type limits = { fuel : int; size : int }

let default_limits = { fuel = 100_000; size = 1_000_000 }

(* The environment in which a function's body sees its arguments. *)
let environment inputs =
  Array.fold_left (fun outer value -> Values.Bind { value; outer }) Values.Empty inputs

let guarded limits f =
  Budget.refill ~fuel:limits.fuel ~size:limits.size;
  match f () with
  | value -> Value value
  | exception Values.Failed message -> Error message
  | exception Budget.Out_of_fuel -> Fuel
  | exception Budget.Out_of_space -> Memory "more cells than allowed"
  | exception Budget.Too_deep -> Memory "nested too deeply"
  | exception Stack_overflow -> Memory "nested too deeply"

(* A body with [environment]'s entries as its variables; the same steps whichever
   way the program was written, as every evaluation comes through here. *)
let run limits (body : Code.t) environment =
  guarded limits (fun () ->
      Budget.enter body.depth;
      body.run environment)

(* A whole program applied to its inputs: leading lambdas take their arguments at once. *)
let run_program limits heads program inputs =
  let parameters, body = Compile.strip_lambdas program in
  let count = Array.length inputs in
  if parameters = count then run limits (Compile.term heads body) (environment inputs)
  else begin
    let code = Compile.term heads program in
    guarded limits (fun () ->
        Budget.enter code.depth;
        Array.fold_left Values.apply (code.run Empty) inputs |> Values.evaluated)
  end

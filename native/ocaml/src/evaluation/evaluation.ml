type outcome =
  | Value of Values.t
  | Error of string
  | Fuel
  | Memory of string

type limits = { fuel : int; size : int }

let default_limits = { fuel = 100_000; size = 1_000_000 }

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

let run ?(view = Fun.id) limits (body : Code.t) environment =
  guarded limits (fun () ->
      Budget.enter body.depth;
      let value = body.run environment in
      Budget.leave body.depth;
      view value)

(* A program compiled once, for many inputs: the lambdas at its front and what is under them, or all of it. *)
type program = { parameters : int; body : Code.t; whole : Code.t Lazy.t }

let program_of_term heads term =
  let parameters, body = Compile.strip_lambdas term in
  { parameters; body = Compile.term heads body; whole = lazy (Compile.term heads term) }

let program (parameters, body) = { parameters; body; whole = lazy (Code.lambdas parameters body) }

let run_program ?(view = Fun.id) limits { parameters; body; whole } inputs =
  if parameters = Array.length inputs then run ~view limits body (environment inputs)
  else begin
    let code = Lazy.force whole in
    guarded limits (fun () ->
        Budget.enter code.depth;
        Array.fold_left Values.apply (code.run Empty) inputs |> Values.evaluated |> view)
  end

type t = {
  library : Library.t;
  weights : Library.weights array;  (* by context *)
  first_argument : int array;  (* by production: the context of its first argument *)
  contextual : bool;
}

let start_context = 0
let variable_context = 1

let of_library (library : Library.t) =
  let count = Array.length library.productions in
  match library.contexts with
  | Same weights -> { library; weights = [| weights |]; first_argument = Array.make count 0; contextual = false }
  | By_parent { start; variable; arguments } ->
    let first_argument = Array.make count 0 in
    let next = ref 2 in
    Array.iteri
      (fun i of_arguments ->
        first_argument.(i) <- !next;
        next := !next + Array.length of_arguments)
      arguments;
    let weights = Array.concat ([| start; variable |] :: Array.to_list arguments) in
    { library; weights; first_argument; contextual = true }

let likely ({ of_productions; of_variables } : Library.weights) : Library.weights =
  let total = Cost.log_sum_exp (of_variables :: Array.to_list of_productions) in
  if total = neg_infinity then { of_productions; of_variables }
  else { of_productions = Array.map (fun weight -> weight -. total) of_productions; of_variables = of_variables -. total }

let without_context grammar =
  let contexts = Array.to_list (Array.map likely grammar.weights) in
  let mean of_context = Cost.log_sum_exp (List.map of_context contexts) -. log (float_of_int (List.length contexts)) in
  let count = Array.length grammar.first_argument in
  let weights : Library.weights =
    {
      of_productions = Array.init count (fun i -> mean (fun (weights : Library.weights) -> weights.of_productions.(i)));
      of_variables = mean (fun (weights : Library.weights) -> weights.of_variables);
    }
  in
  if grammar.contextual then { grammar with weights = [| weights |]; first_argument = Array.make count 0; contextual = false }
  else grammar

let start grammar = if grammar.contextual then start_context else 0
let under_variable grammar = if grammar.contextual then variable_context else 0

let argument_context grammar production position =
  if grammar.contextual then grammar.first_argument.(production) + position else 0

type t = { cost : int; node : Holes.node }

let of_row bank row = { cost = Bank.price bank row; node = Bank.node bank row }

let apply (rule : Bank.rule) arguments =
  {
    cost = List.fold_left (fun sum { cost; _ } -> sum + cost) rule.price arguments;
    node = Bank.application rule (List.map (fun { node; _ } -> node) arguments);
  }

let cheaper a b =
  match (a, b) with
  | Some { cost; _ }, Some other when other.cost < cost -> b
  | Some _, _ -> a
  | None, _ -> b

type implementation =
  | Constant of Values.t
  | Unary of (Values.t -> Values.t)
  | Binary of (Values.t -> Values.t -> Values.t)
  | Ternary of (Values.t -> Values.t -> Values.t -> Values.t)
  | Quaternary of (Values.t -> Values.t -> Values.t -> Values.t -> Values.t)
  | Conditional

type example = {
  program : string;
  inputs : string;
  value : string;
}

type inverse =
  | Parts of (Values.t -> Values.t list option)
  | Second of { given_first : Values.t -> Values.t -> Values.t option; smaller : bool }

type sequence = {
  elements : number:(Values.t -> int) -> Values.t -> int array;
  of_elements : value:(int -> Values.t) -> int array -> Values.t;
}

type role =
  | Joins of sequence
  | Cuts of sequence
  | Replaces of sequence
  | Subtracts
  | Maps of sequence
  | Filters of sequence
  | Flattens
  | Prepends
  | Appends

type staged = { last : int; start : Values.t list -> Values.t; finish : Values.t -> Values.t -> Values.t }

type t = {
  name : string;
  ty : Types.t;
  implementation : implementation;
  by_need : bool array;
  commutative : bool;
  inverse : inverse option;
  role : role option;
  varying : int option;
  staged : staged option;
  transparent : bool;
  strata : (int * Stratum.t) list;
  doc : string;
  example : example option;
}

let arity = function
  | Constant _ -> 0
  | Unary _ -> 1
  | Binary _ -> 2
  | Ternary _ | Conditional -> 3
  | Quaternary _ -> 4

let make ?example ?(commutative = false) ?inverse ?role ?varying ?staged ?transparent ?(strata = []) ~doc name ty implementation =
  let ty = Types.of_string ty in
  let by_need = Array.of_list (List.map Types.is_arrow (Types.arguments_of ty)) in
  assert (Array.length by_need >= arity implementation);
  let transparent = Option.value transparent ~default:(not (Types.is_ground ty)) in
  { name; ty; implementation; by_need; commutative; inverse; role; varying; staged; transparent; strata; doc; example }

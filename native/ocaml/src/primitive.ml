(* What a primitive is: a name, a type, the domains that load it, and how it is
   computed once all its arguments are there. *)

type implementation =
  | Constant of Values.t
  | Unary of (Values.t -> Values.t)
  | Binary of (Values.t -> Values.t -> Values.t)
  | Ternary of (Values.t -> Values.t -> Values.t -> Values.t)
  | Quaternary of (Values.t -> Values.t -> Values.t -> Values.t -> Values.t)
  | Conditional  (* the one lazy primitive: only the branch taken is evaluated *)

type t = {
  name : string;
  ty : Types.t;
  domains : string list;
  implementation : implementation;
  by_need : bool array;
      (* arguments whose type is a function are evaluated when first applied, so that
         eta-expanding an argument never changes an outcome *)
}

let arity = function
  | Constant _ -> 0
  | Unary _ -> 1
  | Binary _ -> 2
  | Ternary _ | Conditional -> 3
  | Quaternary _ -> 4

let make ~domains name ty implementation =
  let ty = Types.of_string ty in
  let by_need = Array.of_list (List.map Types.is_arrow (Types.arguments_of ty)) in
  assert (Array.length by_need >= arity implementation);
  { name; ty; domains; implementation; by_need }

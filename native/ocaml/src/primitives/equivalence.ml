type use = {
  production : string;
  argument : int;
  seen : Values.t -> Values.t option;
  own_variable : bool;
}

type t = { marks : string list; number_types : string list; uses : use list }

let number production argument seen = { production; argument; seen; own_variable = true }
let body production argument = { production; argument; seen = Option.some; own_variable = false }

module Table = Hashtbl.Make (struct
  type t = Values.t array

  let equal a b = Array.length a = Array.length b && Array.for_all2 Values.equal a b
  let hash (inputs : t) = Hashtbl.hash_param 256 256 inputs
end)

type t = { numbers : int Table.t; mutable reversed : Values.t array list }

let create () = { numbers = Table.create 256; reversed = [] }

let count inputs = Table.length inputs.numbers

let number_of inputs values =
  match Table.find_opt inputs.numbers values with
  | Some number -> number
  | None ->
    let number = Table.length inputs.numbers in
    Table.add inputs.numbers values number;
    inputs.reversed <- values :: inputs.reversed;
    number

let distinct inputs = Array.of_list (List.rev inputs.reversed)

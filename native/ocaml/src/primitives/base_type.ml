type field = { key : string; ty : Types.t }
type form = Integer | Truth | Character | Text | Symbol of string list | Record of { fields : field list; optional : field list }
type t = { name : string; form : form }

let general =
  [
    { name = "int"; form = Integer }; { name = "bool"; form = Truth }; { name = "char"; form = Character };
    { name = "string"; form = Text };
  ]

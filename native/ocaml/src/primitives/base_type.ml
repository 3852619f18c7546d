type form = Integer | Truth | Character | Text
type t = { name : string; form : form }

let general =
  [
    { name = "int"; form = Integer }; { name = "bool"; form = Truth }; { name = "char"; form = Character };
    { name = "string"; form = Text };
  ]

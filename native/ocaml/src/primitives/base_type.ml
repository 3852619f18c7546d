type form =
  | Integer
  | Truth
  | Character
  | Text
  | Fraction
  | Drawing of drawing

and drawing = {
  nothing : Values.t;
  trace : Values.t -> string;
  picture : string -> Picture.t;
  side : int;
  tolerance : int;
}

type t = { name : string; form : form }

let general =
  [
    { name = "int"; form = Integer }; { name = "bool"; form = Truth }; { name = "char"; form = Character };
    { name = "string"; form = Text };
  ]

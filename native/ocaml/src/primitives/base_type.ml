type field = { key : string; ty : Types.t }

type form =
  | Integer
  | Truth
  | Character
  | Text
  | Fraction
  | Grid
  | Drawing of drawing
  | Symbol of string list
  | Record of { fields : field list; optional : field list }

and drawing = {
  nothing : Values.t;
  trace : Values.t -> string;
  picture : string -> Picture.t;
  side : int;
  tolerance : int;
}

type t = { name : string; form : form }

type spelling = { empty : string; character : string -> string option; join : string }

let general =
  [
    { name = "int"; form = Integer }; { name = "bool"; form = Truth }; { name = "char"; form = Character };
    { name = "string"; form = Text };
  ]

(** Tables of typed productions over one implementation each. *)

val position : string
val cell : string
val indices : string
val object_ : string
val objects : string
(** The types of positions, colored cells, sets of them, and sets of those. *)

type parameter
(** The kinds of value that stand at an argument. *)

val only : string -> string -> parameter
(** [only type sample]: one type, with a term for examples that may contain the input [$0], a grid. *)

val at : parameter -> string -> parameter
(** The same with another sample for every kind. *)

val either : parameter list -> parameter
(** The kinds of all of them. *)

val grid : parameter
val obj : parameter
val place_set : parameter
val patch : parameter
(** Objects and sets of positions. *)

val patch_or : string -> string -> string -> parameter
(** [patch_or kind type sample]: another kind, too. *)

val cells : string -> parameter
(** Lists of colored cells. *)

val element : parameter
(** Grids and objects. *)

val piece : parameter
(** Grids, objects and sets of positions. *)

val number : string -> string -> parameter
(** Integers, and pairs of integers, with their samples. *)

val int : string -> parameter
val bool : string -> parameter
val offset : string -> parameter

val sample : string
(** The examples' grid. *)

val family :
  ?within:string ->
  string ->
  parameter list ->
  string ->
  Primitive.implementation ->
  doc:string ->
  values:string list ->
  Primitive.t list
(** [family name parameters result implementation ~doc ~values]: a production for each choice of kinds, [NAME.KIND] with
    the kinds of the parameters that have several joined by underscores; [NAME] if none has. In [result], [${1}] is the
    type of the first parameter. [values] are those of the examples, in order, [null] of the last
    ones that are missing; the example's input is {!sample}. [within] is a function that the example applies to the result. *)

val overloads :
  string -> Primitive.implementation -> doc:string -> (string * string * string * string) list -> Primitive.t list
(** For each kind its type, the example's program (of the input {!sample} if it is a function) and its value. *)

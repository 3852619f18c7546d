(** Colors that go on in a direction. Directions are steps of row and column. *)

val connect : rows:bool -> columns:bool -> Image.t -> Image.t
(** Zero cells between two of one color, with nothing else between, take that color. *)

val connect_diagonals : Image.t -> Image.t

val smear : (int * int) list -> Image.t -> Image.t
(** Colors extended through zero cells; where directions meet, the first one wins. *)

val spread : diagonal:bool -> Image.t -> Image.t
(** Every color grown into the zero cells, all at the same pace. @raise Image.Fails if there are no others *)

val fall : int * int -> Image.t -> Image.t
(** Every cell by itself, up or down, left or right. *)

(** What a grid is made of: connected pieces, colors, and places where a piece occurs. *)

val objects : univalued:bool -> diagonal:bool -> without:int option -> Grid.t -> Cells.t list
(** The connected cells, in the order of their first cells: of one color each if [univalued], else of any color; across
    corners if [diagonal]; cells of the color [without] belong to none. *)

val partition : Grid.t -> Cells.t list
(** The cells of each color, in the order of their first cells. *)

val occurrences : Cells.t -> Grid.t -> Cells.t
(** Where the upper left corner of colored cells, of one at least, can be put so that the grid has all of them. *)

(** Sets of values, canonical: equal sets are one value whatever the order in which they were put together.

    The order of a set's elements, which is what a program sees of it, is
    - of positions (lists of two integers): rows from the top, in a row columns from the left;
    - of colored cells (a color and a position): as of their positions, at a position by color;
    - of sets of these: first those of the most rows, of these first those that begin lowest, then by the first
      element that differs;
    - of other sets, and of lists: by the first element that differs, a beginning before what continues it;
    - of integers, of truth values: from the least on, false first;
    - of grids: by height, width, then rows from the top;
    - of functions, which are compared by nothing: that in which they were added.

    Programs of ARC's published language were written against the accidental order of their own interpreter; of the
    orders tried, that of sets is the one by which most of the 400 known programs do what they should. *)

val compare : Values.t -> Values.t -> int
(** The order of elements; 0 for values that are {!Values.equal}, and for functions. *)

val empty : Values.t

val of_array : Values.t array -> Values.t
(** The array may be sorted in place. Charges nothing. *)

val of_positions : Cells.t -> Values.t
(** Not yet wrapped, possibly empty. *)

val of_colored : Cells.t -> Values.t

val to_array : Values.t -> Values.t array option
(** The elements in order, [None] unless it is a set. *)

val position : int -> Values.t
(** Of a packed position. *)

val colored : int -> Values.t
(** Of a packed cell. *)

val packed_position : Values.t -> int option
(** Of a list of two integers that fit. *)

val packed_colored : Values.t -> int option

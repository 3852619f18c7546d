(** The size of the output, from sizes of states or as a constant. *)

type side =
  | Constant of int
  | Side of { state : States.t; tall : bool; times : int; over : int; plus : int }
      (** the height, if [tall], or width of a state, times and over and plus small numbers *)

type prediction = {
  height : side;
  width : side;
  sizes : (int * int) array;  (** of all pairs *)
  price : int;
}

val predict : States.t list -> Image.t array -> pairs:int -> prediction option
(** The simplest that is right on the outputs of the demonstrations, the first pairs. *)

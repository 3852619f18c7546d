(** Pieces laid over each other until every cell of the outputs of all demonstrations is right. *)

type piece = {
  state : States.t;
  images : Image.t array;  (** for each pair *)
  right : int array;  (** cells of all outputs, as {!Bits} *)
  filled : int array;  (** those where the piece is not 0 *)
}

(** Which cells a layer sets. *)
type mode = Filled | Zeros | Everywhere

type layer = { piece : piece; mode : mode }

val modes : mode list

val piece : Image.t array -> int -> States.t -> Image.t array -> piece
(** [piece outputs total state images], where [total] are the cells of all outputs. *)

val distinct : piece list -> piece list
(** Of pieces with the same cells right and filled the first. *)

val gain : piece -> mode -> int array -> int
(** How many of the unset cells a layer would set; −1 if it would set one wrong. *)

val lay : layer -> int array -> int array
(** The cells left unset. *)

val greedy : piece array -> limit:int -> most:int -> int array -> layer list -> layer list option
(** [greedy pieces ~limit ~most unset laid]: on layers laid, last first, at most so many more, each of those whose states cost
    at most [limit] the one that sets most cells; the first is on top. None where cells are left. *)

val compose : layer list -> int -> height:int -> width:int -> Grid.t
(** What layers make of a pair, by its number; cells that none sets are 0. *)

val substitution : Image.t array -> Image.t array -> (int * int) list option
(** [substitution outputs images]: colors and what to put in their place, so that images are the outputs; None if they are
    already, or if no substitution makes them so, or one that leaves a single color. *)

(** The weights of a library as a search needs them: one number for each place a
    hole can be, its {e context}, and the weights of each context. *)

type t = private {
  library : Library.t;
  weights : Library.weights array;  (** by context *)
  first_argument : int array;  (** by production: the context of its first argument *)
  contextual : bool;
}

val of_library : Library.t -> t

val without_context : t -> t
(** The same in every context: the mean over the contexts of what each makes likely, among all productions. *)

val start : t -> int
(** The context of a whole program. *)

val under_variable : t -> int
(** The context of a variable's arguments. *)

val argument_context : t -> int -> int -> int
(** [argument_context grammar production position] *)

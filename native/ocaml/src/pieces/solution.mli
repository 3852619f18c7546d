(** What the search found as λ-terms of the primitives that are its operations. *)

type scene = {
  input : Terms.t -> Terms.t;  (** what is done to the input before all else *)
  prediction : Sizes.prediction option;  (** of which a canvas is made *)
}

val layers : scene -> Cover.layer list -> Terms.t

val substituted : (int * int) list -> Terms.t -> Terms.t
(** With colors in the place of others, all at once. *)

val swapped : int -> Terms.t -> Terms.t
(** With 0 and a color exchanged. *)

val program : Terms.t -> Terms.t
(** The function from grid to grid whose value is this piece. *)

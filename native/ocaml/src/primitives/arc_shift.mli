(** Sets of positions and colored cells moved. *)

val by : int * int -> Values.t -> Values.t
(** By rows down and columns to the right. *)

val shifted : Values.t -> Values.t -> Values.t
(** By an offset. *)

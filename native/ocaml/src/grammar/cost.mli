(** Costs, −log p, as whole numbers of pico-nats: sums are exact in any order, so
    that no program falls between two windows or into both. *)

type t = int

val infinite : t
(** Beyond every search; several of them can still be added. *)

val is_finite : t -> bool

val of_nats : float -> t
(** A choice of less probability than e^−100000 is never made: its cost is infinite. *)

val to_nats : t -> float
val plus : t -> t -> t

val log_sum_exp : float list -> float
(** log Σ e^w, −∞ for no weights. *)

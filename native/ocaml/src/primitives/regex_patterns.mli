(** The patterns of the domain regex as a stratum: told apart by where they match in the texts of the examples. *)

val stratum : Stratum.t

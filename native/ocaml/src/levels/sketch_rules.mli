(** The rules of a bank in a round of sketches: what of a program may be unknown, and where terms of a stratum belong. *)

val primitive_of : Library.production -> Primitive.t option
val strata_of : Library.production -> (int * Stratum.t) list

val of_bank :
  Library.t ->
  is_literal:bool ->
  is_inner:bool ->
  stratum:(Stratum.t -> Types.t -> Bank.t) ->
  Bank.rule list ->
  Bank.rule list
(** Of the rules of a bank, whose type may be literal, and which may lie within a function; [stratum] gives the terms of a stratum. *)

(** The CLEVR domain of DreamCoder. Its primitives are proposed here and run
    elsewhere, so that all there is of it is what a search leaves out. *)

val redundancies : Redundancy.t list

(** Many programs on many tasks: what of each task each of them gets right. *)

open Protocol

val judge : json -> json

(** The operation [mutate_lines]. *)

val mutate : Protocol.json -> Protocol.json

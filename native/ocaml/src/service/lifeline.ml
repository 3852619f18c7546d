external end_with_parent : unit -> unit = "psynth_end_with_parent"

external monotonic_seconds : unit -> float = "psynth_monotonic_seconds"

type state = Idle | Searching | Interrupted

let state = ref Idle
let exit_status = 130

let handle _ =
  match !state with
  | Idle -> exit exit_status
  | Searching | Interrupted -> state := Interrupted

let install () = Sys.set_signal Sys.sigint (Signal_handle handle)

let during_search ~seconds search =
  let deadline = if seconds = infinity then infinity else monotonic_seconds () +. seconds in
  let full = ref false in
  let is_full () =
    if Memory.is_exceeded () then full := true;
    !full
  in
  let is_over () = !state = Interrupted || is_full () || (deadline < infinity && monotonic_seconds () > deadline) in
  state := Searching;
  Fun.protect ~finally:(fun () -> state := Idle) (fun () -> search ~is_over)

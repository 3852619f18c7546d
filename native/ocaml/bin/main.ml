(* psynth-lambda, the λ-machine: see README.md for the modules in reading order. *)

open Lambda_machine

let version = "0.1.0"

let run memory =
  Option.iter (fun mebibytes -> Memory.bound ~mebibytes) memory;
  (* A closed pipe ends the process quietly, whatever the parent had set. *)
  if not Sys.win32 then Sys.set_signal Sys.sigpipe Signal_default;
  Lifeline.end_with_parent ();
  Interruption.install ();
  (* Programs die young: a larger nursery keeps them out of the major heap. *)
  Gc.set { (Gc.get ()) with minor_heap_size = 1 lsl 19; space_overhead = 200 };
  set_binary_mode_in stdin true;
  set_binary_mode_out stdout true;
  Server.serve stdin stdout

let command =
  let open Cmdliner in
  let doc = "types, enumerates, samples, mutates and evaluates terms of a typed λ-calculus" in
  let man =
    [
      `S Manpage.s_description;
      `P
        "Reads one JSON request a line from standard input and writes one JSON answer a line to standard output, \
         until the input ends. psynth starts it where it needs it; there is no reason to run it by hand but \
         curiosity:";
      `Pre "echo '{\"op\":\"primitives\"}' | psynth-lambda";
      `P "Operations: primitives, infer, evaluate, judge, enumerate, solve, propose, sample, mutate, crossover, improve.";
    ]
  in
  let memory =
    let doc = "End searches once the heap has $(docv) MiB, and keep less between requests. Default: no bound." in
    Arg.(value & opt (some int) None & info [ "memory" ] ~docv:"MIB" ~doc)
  in
  Cmd.v (Cmd.info "psynth-lambda" ~version ~doc ~man) Term.(const run $ memory)

let () = exit (Cmdliner.Cmd.eval command)

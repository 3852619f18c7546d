type settings = { step : Cost.t; bound : Cost.t; most_programs : int; seconds : float; batch : int }
type status = Exhausted | Budget | Stopped
type result = { programs : int; complete : Cost.t; status : status }

type batch = { mutable reversed : (string * Cost.t) list; mutable size : int; mutable in_window : int }

let propose_until ~is_over settings (grammar : Grammar.t) request ~send =
  let graph = Holes.create grammar in
  let root = Holes.root graph request in
  let search = Enumeration.create ~tick:(fun () -> if is_over () then raise Enumeration.Stop) graph in
  let programs = ref 0 and stopped = ref false in
  let batch = { reversed = []; size = 0; in_window = 0 } in
  let goes_on ~window_end =
    let listed = List.rev batch.reversed in
    batch.reversed <- [];
    batch.size <- 0;
    stopped := not (send listed ~window_end);
    not !stopped
  in
  let found cost node =
    if !programs >= settings.most_programs || is_over () then raise Enumeration.Stop;
    incr programs;
    batch.size <- batch.size + 1;
    batch.in_window <- batch.in_window + 1;
    batch.reversed <- (Holes.to_string grammar.library node, cost) :: batch.reversed;
    if batch.size >= settings.batch && not (goes_on ~window_end:None) then raise Enumeration.Stop
  in
  let window_end stop =
    let empty = batch.in_window = 0 in
    batch.in_window <- 0;
    empty || goes_on ~window_end:(Some stop)
  in
  let ended, complete =
    Enumeration.windows search root ~step:settings.step ~bound:settings.bound found ~window_end
  in
  if batch.size > 0 && not !stopped then ignore (goes_on ~window_end:None);
  let status =
    match ended with
    | Exhausted -> Exhausted
    | Stopped when !stopped -> Stopped
    | Stopped | Reached -> Budget
  in
  { programs = !programs; complete; status }

let run settings grammar request ~send =
  Interruption.during_search ~seconds:settings.seconds (fun ~is_over ->
      propose_until ~is_over settings grammar request ~send)

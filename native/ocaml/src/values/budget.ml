exception Out_of_fuel
exception Out_of_space
exception Too_deep

type t = {
  mutable steps : int;  (* left *)
  mutable cells : int;  (* left *)
  mutable depth : int;  (* in use *)
  mutable peak : int;  (* the greatest depth that was in use *)
}

(* One evaluation runs at a time, so its budget is one record. *)
let left = { steps = 0; cells = 0; depth = 0; peak = 0 }

(* In units of one compiled term node, each of which takes some 100 bytes of
   the 8 MB stack that a process usually has. *)
let deepest = 25_000

let refill ~fuel ~size =
  left.steps <- fuel;
  left.cells <- size;
  left.depth <- 0;
  left.peak <- 0

let step () =
  let steps = left.steps - 1 in
  left.steps <- steps;
  if steps < 0 then raise_notrace Out_of_fuel

let steps count =
  let steps = left.steps - count in
  left.steps <- steps;
  if steps < 0 then raise_notrace Out_of_fuel

let allocate cells =
  let cells = left.cells - cells in
  left.cells <- cells;
  if cells < 0 then raise_notrace Out_of_space

let enter depth =
  let depth = left.depth + depth in
  left.depth <- depth;
  if depth > left.peak then left.peak <- depth;
  if depth > deepest then raise_notrace Too_deep

let leave depth = left.depth <- left.depth - depth

let steps_left () = left.steps
let cells_left () = left.cells

type mark = { steps_then : int; cells_then : int; depth_then : int; peak_then : int }
type spent = { steps : int; cells : int; depth : int }

let mark () =
  let mark = { steps_then = left.steps; cells_then = left.cells; depth_then = left.depth; peak_then = left.peak } in
  left.peak <- left.depth;
  mark

let since mark : spent =
  let spent =
    {
      steps = mark.steps_then - left.steps;
      cells = mark.cells_then - left.cells;
      depth = left.peak - mark.depth_then;
    }
  in
  left.depth <- mark.depth_then;
  if mark.peak_then > left.peak then left.peak <- mark.peak_then;
  spent

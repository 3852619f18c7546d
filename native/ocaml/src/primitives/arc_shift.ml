open Arc_kinds

let far () = Values.fail "a position farther than a million cells away"

let by (rows, columns) set =
  let of_positions places =
    allocate (Array.length places);
    match Cells.moved rows columns places with Some places -> Sets.of_positions places | None -> far ()
  and of_colored cells =
    allocate (Array.length cells);
    match Cells.moved_colored rows columns cells with Some cells -> Sets.of_colored cells | None -> far ()
  in
  like set of_positions of_colored

let shifted set offset_ = by (offset offset_) set

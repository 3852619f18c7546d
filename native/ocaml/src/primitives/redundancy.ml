type position = Any | At of int
type t = { production : string; argument : position; heads : string list }

let make production argument heads = { production; argument; heads }

let applies { production; argument; _ } name position =
  String.equal production name && match argument with Any -> true | At at -> at = position

let heads_at table name position =
  List.concat_map (fun row -> if applies row name position then row.heads else []) table

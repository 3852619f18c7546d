(* Arguments that are never worth enumerating, because a program of less cost
   always means the same (or always fails): [(car (cons a b))], [(+ a 0)]. The
   peers' searches leave out just these, and published counts of programs are
   counts without them. They change no probability: what is left out stays in
   the normalisation. *)

type position = Any | At of int

let table =
  [
    ("car", At 0, [ "cons"; "empty" ]);
    ("cdr", At 0, [ "cons"; "empty" ]);
    ("empty?", At 0, [ "cons"; "empty" ]);
    ("+", Any, [ "0" ]);
    ("+", At 0, [ "+" ]);
    ("-", At 1, [ "0" ]);
    ("*", Any, [ "0"; "1" ]);
    ("*", At 0, [ "*" ]);
    ("map", At 1, [ "empty" ]);
    ("fold", At 0, [ "empty" ]);
    ("index", At 1, [ "empty" ]);
    ("zip", Any, [ "empty" ]);
    ("clevr_car", At 0, [ "clevr_add"; "clevr_empty" ]);
    ("clevr_map", At 1, [ "clevr_empty" ]);
    ("clevr_fold", At 0, [ "clevr_empty" ]);
  ]

(* The names that are not enumerated as this argument. *)
let at parent position =
  List.concat_map
    (fun (name, where, children) ->
      let applies = match where with Any -> true | At i -> i = position in
      if applies && String.equal name parent then children else [])
    table

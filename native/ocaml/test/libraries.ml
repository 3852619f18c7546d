(* The libraries that tests enumerate: the published primitive sets, uniform. *)

open Lambda_machine

let common =
  [ "map"; "unfold"; "range"; "index"; "fold"; "length"; "if"; "+"; "-"; "*"; "mod"; "gt?"; "eq?"; "empty"; "cons";
    "car"; "cdr"; "empty?"; "0"; "1"; "is-prime"; "is-square" ]

let regex =
  let optional = [ "_rvowel"; "_rconsonant" ] in
  let own = List.map (fun (primitive : Primitive.t) -> primitive.name) Primitives_regex.table in
  [ "map"; "if"; "cons"; "car"; "cdr" ] @ List.filter (fun name -> not (List.mem name optional)) own

let production ?definition ?(log_weight = `Float 0.) name ty : Json.t =
  let definition = match definition with None -> [] | Some term -> [ ("definition", `String term) ] in
  `Assoc ([ ("name", `String name); ("type", `String ty); ("log_weight", log_weight) ] @ definition)

let built_in name = production name (Types.to_string (Option.get (Catalogue.find name)).ty)

let json ?(fields = []) productions : Json.t =
  `Assoc ([ ("productions", `List productions); ("log_variable", `Float 0.) ] @ fields)

let of_names names = json (List.map built_in names)

let logo =
  let own = List.map (fun (primitive : Primitive.t) -> primitive.name) Primitives_logo.table in
  json ~fields:[ ("continuation", `String "turtle") ] (List.map built_in (own @ List.init 10 string_of_int))

let list_of_ints items = Values.rev_append (List.rev_map (fun n -> Values.Int n) items) Nil

(* All programs below [max_cost], as (text, cost), window after window. *)
let enumerate ?(step = 1.5) library request max_cost =
  let library = Library_json.read library in
  let graph = Holes.create (Grammar.of_library library) in
  let search = Enumeration.create graph in
  let root = Holes.root graph (Types.of_string request) in
  let found = ref [] in
  let ended, complete =
    Enumeration.windows search root ~step:(Cost.of_nats step) ~bound:(Cost.of_nats max_cost)
      (fun cost node -> found := (Holes.to_string library node, cost) :: !found)
      ~window_end:(fun _ -> true)
  in
  (List.rev !found, ended, complete, Enumeration.expansions search)

let count library request max_cost =
  let found, _, _, _ = enumerate library request max_cost in
  List.length found

(* A property as an Alcotest case, with the same random values every time. *)
let property test =
  let (QCheck2.Test.Test cell) = test in
  Alcotest.test_case (QCheck2.Test.get_name cell) `Quick (fun () ->
      QCheck2.Test.check_exn ~rand:(Random.State.make [| 20 |]) test)

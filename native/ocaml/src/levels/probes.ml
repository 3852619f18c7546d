type t = { tuples : Store.number array array; environments : Values.environment array }

let count probes = Array.length probes.tuples

let of_tuples store tuples =
  { tuples; environments = Array.map (fun tuple -> Evaluation.environment (Array.map (Store.value store) tuple)) tuples }

let of_inputs store inputs = of_tuples store (Array.of_list (List.map (Array.map (Store.number_of store)) inputs))

(* {1 Values for a parameter} *)

(* The edge cases first: most predicates tell neighbors of these apart. *)
let integers = [ 0; 1; 2; 3; 5; 7; -1; 4; 6; 8; 10; 12; 9; 16; 25; 11; 13 ]

(* Elements or tails of a value looked at, at most: a long input needs no more. *)
let most_looked_at = 64

let first_elements list =
  let rec collect room list =
    match (list : Values.t) with Cons (first, rest) when room > 0 -> first :: collect (room - 1) rest | _ -> []
  in
  collect most_looked_at list

let tails list =
  let rec collect room list =
    match (list : Values.t) with Cons (_, rest) when room > 0 -> rest :: collect (room - 1) rest | _ -> []
  in
  collect most_looked_at list

let length list = List.length (first_elements list)

let characters = function
  | Values.Text text when Utf8.count text = String.length text ->
    List.init (min most_looked_at (String.length text)) (fun i -> Values.Text (String.make 1 text.[i]))
  | _ -> []

let is_list = function Types.Constructor ("list", _) -> true | _ -> false

let rec drop count list = if count = 0 then list else match list with [] -> [] | _ :: rest -> drop (count - 1) rest
let take count list = List.filteri (fun i _ -> i < count) list

(* Candidates for a type, given the variables in scope, outermost first, and the probe's number. *)
let rec candidates ~constants ~probe scope (ty : Types.t) : Values.t list =
  let of_type wanted = List.filter_map (fun (ty', value) -> if ty' = wanted then Some value else None) scope in
  let in_scope = of_type ty in
  let elements = List.concat_map first_elements (of_type (Constructor ("list", [ ty ]))) in
  let own =
    match ty with
    | Constructor ("list", [ element ]) ->
      let elements = candidates ~constants ~probe scope element in
      let short i = Values.rev_append (List.rev (take (1 + (probe mod 3)) (drop i elements))) Nil in
      List.concat_map tails in_scope @ (Nil :: List.init (min 4 (List.length elements)) short)
    | Constructor (name, []) -> begin
      match Catalogue.form_of name with
      | Some Integer ->
        let lists = List.filter_map (fun (ty, value) -> if is_list ty then Some value else None) scope in
        List.map (fun list -> Values.Int (length list)) lists @ List.map (fun n -> Values.Int n) integers
      | Some Truth -> [ Bool true; Bool false ]
      | Some (Character | Text) -> List.concat_map (fun (_, value) -> characters value) scope
      | Some (Symbol symbols) -> List.map (fun symbol -> Values.Text symbol) symbols
      | Some (Record _ | Grid) -> []
      | Some Fraction -> List.map (fun n -> Fraction.make n 4) integers
      | Some (Drawing { nothing; _ }) -> [ nothing ]
      | None -> []
    end
    | _ -> []
  in
  elements @ in_scope @ own @ constants ty

let distinct store values =
  let seen = Hashtbl.create 32 in
  let number value =
    match Store.number_of store value with
    | number when Hashtbl.mem seen number -> None
    | number ->
      Hashtbl.add seen number ();
      Some number
    | exception Store.Too_large -> None
  in
  Array.of_list (List.filter_map number values)

(* {1 Choosing} *)

(* Rounds over all outer probes: first those that only take what brings a new value, then any. *)
let most_rounds = 64

let chosen ~round ~probe ~parameter ~depth count =
  let hash = ((round * 977) + (probe * 131) + (parameter * 29) + (depth * 7) + 1) * 0x1E3779B97F4A7C15 in
  ((hash lsr 32) land 0x3FFF_FFFF) mod count

let extend store ~constants ~most outer ~scope ~parameters =
  let depth = List.length scope in
  let pools =
    Array.mapi
      (fun probe tuple ->
        let values = List.mapi (fun i ty -> (ty, tuple.(i))) scope in
        let known = List.filter (fun (_, number) -> number <> Store.failed) values in
        let scope = List.map (fun (ty, number) -> (ty, Store.value store number)) known in
        Array.of_list (List.map (fun ty -> distinct store (candidates ~constants ~probe scope ty)) parameters))
      outer.tuples
  in
  let made = Hashtbl.create 64 and met = Hashtbl.create 64 in
  let reversed = ref [] and count = ref 0 in
  let attempt ~only_new ~round probe =
    let pool = pools.(probe) in
    let is_used_up = Array.length pool = 1 && round >= Array.length pool.(0) in
    if (not (Array.exists (fun values -> values = [||]) pool)) && not is_used_up then begin
      let pick parameter values = values.(chosen ~round ~probe ~parameter ~depth (Array.length values)) in
      let picked = Array.mapi pick pool in
      let is_new = ref false in
      Array.iteri (fun parameter number -> if not (Hashtbl.mem met (parameter, number)) then is_new := true) picked;
      let tuple = Array.append outer.tuples.(probe) picked in
      let key = Array.to_list tuple in
      if (!is_new || not only_new) && not (Hashtbl.mem made key) then begin
        Array.iteri (fun parameter number -> Hashtbl.replace met (parameter, number) ()) picked;
        Hashtbl.add made key ();
        reversed := tuple :: !reversed;
        incr count
      end
    end
  in
  List.iter
    (fun only_new ->
      for round = 0 to most_rounds - 1 do
        for probe = 0 to Array.length pools - 1 do
          if !count < most then attempt ~only_new ~round probe
        done
      done)
    [ true; false ];
  of_tuples store (Array.of_list (List.rev !reversed))

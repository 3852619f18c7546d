(* What is worked out once for a library and kept for the requests that follow: a
   local search sends the same one again and again. It changes no answer, since a
   library's answers are functions of the library alone. *)

type t = {
  library : Library.t;
  compiled : Compile.t Lazy.t;
  mutable workshop : Mutation.workshop option;
}

let library prepared = prepared.library

(* Fails where a production is not implemented with its type. *)
let compiled prepared = Lazy.force prepared.compiled

let prepare json =
  let library = Library.of_json json in
  Library.check ~evaluated:false library;
  let compiled =
    lazy
      (Library.check ~evaluated:true library;
       Compile.library library)
  in
  { library; compiled; workshop = None }

(* The last library. *)
let last : (Json.t * t) option ref = ref None

let of_json json =
  match !last with
  | Some (known, prepared) when known = json -> prepared
  | _ ->
    let prepared = prepare json in
    last := Some (json, prepared);
    prepared

(* Beyond so many holes a graph is begun anew, to keep memory bounded. *)
let most_holes = 200_000

let workshop prepared =
  match prepared.workshop with
  | Some workshop when Holes.By_types.length workshop.completions.graph.holes < most_holes -> workshop
  | _ ->
    let workshop = Mutation.workshop prepared.library in
    prepared.workshop <- Some workshop;
    workshop

type t = {
  wanted : Values.t -> Values.t;
  view : Values.t -> Values.t;
  fits : Values.t -> Values.t -> bool;
  exclusive : bool;
}

let exact = { wanted = Fun.id; view = Fun.id; fits = Values.equal; exclusive = true }

(* {1 Pictures}

   A wanted picture is a number, the view of a drawing the list of the numbers of those that it is like. *)

module Traces = Hashtbl.Make (struct
  include String

  let hash (s : t) = Hashtbl.hash s
end)

let text = function Values.Text text -> text | _ -> Values.wrong_kind ()

(* More traces than these, of some 100 bytes each, are not kept. *)
let most_known = 1_000_000

let of_drawing ({ trace; picture; tolerance; _ } : Base_type.drawing) =
  let pictures = ref [||] and gallery = ref (Picture.gallery [||]) and stale = ref false in
  let known = Traces.create 1024 in
  let wanted value =
    let picture = text value in
    let rec number i =
      if i < Array.length !pictures && not (String.equal !pictures.(i) picture) then number (i + 1) else i
    in
    let number = number 0 in
    if number = Array.length !pictures then begin
      pictures := Array.append !pictures [| picture |];
      stale := true;
      Traces.reset known
    end;
    Values.Int number
  in
  let alike trace =
    if !stale then begin
      gallery := Picture.gallery !pictures;
      stale := false
    end;
    Values.rev_append (List.rev_map (fun i -> Values.Int i) (Picture.like ~tolerance !gallery (picture trace))) Nil
  in
  let view value =
    let trace = trace value in
    let key = Digest.string trace in
    match Traces.find_opt known key with
    | Some like -> like
    | None ->
      if Traces.length known >= most_known then Traces.reset known;
      let like = alike trace in
      Traces.add known key like;
      like
  in
  let rec fits like wanted =
    match like with Values.Cons (first, others) -> Values.equal first wanted || fits others wanted | _ -> false
  in
  { wanted; view; fits; exclusive = false }

let of_type ty = Option.fold ~none:exact ~some:of_drawing (Catalogue.drawing_of ty)

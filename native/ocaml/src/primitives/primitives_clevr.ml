open Values

(* {1 Vocabulary} *)

let attributes =
  [
    ("color", [ "blue"; "brown"; "cyan"; "gray"; "green"; "purple"; "red"; "yellow" ]); ("size", [ "large"; "small" ]);
    ("material", [ "metal"; "rubber" ]); ("shape", [ "cube"; "cylinder"; "sphere" ]);
  ]

let relations = [ "left"; "right"; "front"; "behind" ]

(* {1 Objects} *)

(* The order of an object's fields; [of_attribute] and [of_relation] are positions in it. *)
let keys = ("id" :: List.map fst attributes) @ relations

let position key =
  let rec find i = function [] -> invalid_arg key | key' :: _ when key = key' -> i | _ :: rest -> find (i + 1) rest in
  find 0 keys

let fields = function Record { fields; _ } -> fields | _ -> wrong_kind ()
let is_null value = Array.length (fields value) = 0
let id value = match (fields value).(0) with Int id -> id | _ -> wrong_kind ()

let query attribute =
  let at = position attribute in
  fun value -> if is_null value then fail ("the null object has no " ^ attribute) else (fields value).(at)

let transform attribute =
  let at = position attribute in
  fun value -> function
    | Record { fields = [||]; _ } as null -> null
    | Record { keys; fields; _ } ->
      let changed = Array.copy fields in
      changed.(at) <- value;
      Budget.allocate 1;
      record keys changed
    | _ -> wrong_kind ()

let null = record [||] [||]

(* {1 Sets} *)

let rec is_ordered = function
  | Nil -> true
  | Cons (only, Nil) -> not (is_null only)
  | Cons (first, (Cons (second, _) as rest)) ->
    (not (is_null first)) && (not (is_null second)) && id first < id second && is_ordered rest
  | _ -> wrong_kind ()

(* By id, of equal ids the first; a set takes no null object. *)
let set list =
  if is_ordered list then list
  else begin
    let members = List.filter (fun value -> not (is_null value)) (List.rev (reversed_elements list)) in
    let by_id = List.stable_sort (fun a b -> compare (id a) (id b)) members in
    Budget.allocate (List.length by_id);
    let add reversed value =
      match reversed with previous :: _ when id previous = id value -> reversed | _ -> value :: reversed
    in
    rev_append (List.fold_left add [] by_id) Nil
  end

(* What is only in the first set, in both (the first set's object), and only in the second. *)
let combined ~first ~both ~second =
  let kept keep value reversed =
    if keep then begin
      Budget.allocate 1;
      value :: reversed
    end
    else reversed
  in
  let rec go reversed a b =
    match (a, b) with
    | Nil, Nil -> rev_append reversed Nil
    | Cons (x, rest), Nil -> go (kept first x reversed) rest Nil
    | Nil, Cons (y, rest) -> go (kept second y reversed) Nil rest
    | Cons (x, rest), Cons (y, _) when id x < id y -> go (kept first x reversed) rest b
    | Cons (x, _), Cons (y, rest) when id x > id y -> go (kept second y reversed) a rest
    | Cons (x, rest), Cons (_, rest') -> go (kept both x reversed) rest rest'
    | _ -> wrong_kind ()
  in
  fun a b -> go [] (set a) (set b)

let union = combined ~first:true ~both:true ~second:true
let intersection = combined ~first:false ~both:true ~second:false
let difference = combined ~first:true ~both:false ~second:false
let in_no_set () = fail "the null object is in no set"
let add value members = if is_null value then in_no_set () else union (Cons (value, Nil)) members

let filtered predicate members =
  let keep reversed value =
    if predicate value then begin
      Budget.allocate 1;
      value :: reversed
    end
    else reversed
  in
  rev_append (List.fold_left keep [] (List.rev (reversed_elements members))) Nil

let rec mem number = function
  | Cons (Int number', rest) -> number = number' || mem number rest
  | Nil -> false
  | _ -> wrong_kind ()

let rec find number = function
  | Cons (value, rest) -> if id value = number then Some value else find number rest
  | Nil -> None
  | _ -> wrong_kind ()

(* As in the published domain, an object that is not in the set is related to none. *)
let relate value relation members =
  let at = match relation with Text name -> position name | _ -> wrong_kind () in
  let members = set members in
  match if is_null value then None else find (id value) members with
  | None -> Nil
  | Some value ->
    let related = (fields value).(at) in
    filtered (fun other -> mem (id other) related) members

let count members = Int (List.length (reversed_elements (set members)))
let car members = match set members with Cons (first, _) -> first | Nil -> null | _ -> wrong_kind ()

let map f members =
  let rec go reversed = function
    | Cons (value, rest) ->
      let image = apply f value in
      if is_null image then in_no_set ();
      Budget.allocate 1;
      go (image :: reversed) rest
    | Nil -> set (rev_append reversed Nil)
    | _ -> wrong_kind ()
  in
  go [] (set members)

(* The right fold: [f] of an object and of the fold of those after it. *)
let fold members initial f =
  List.fold_left (fun folded value -> apply2 f value folded) initial (reversed_elements (set members))

(* {1 The tables} *)

let comparison f = Primitive.Binary (fun a b -> match (a, b) with Int a, Int b -> of_bool (f a b) | _ -> wrong_kind ())

(* A scene for examples: a large red metal cube, and on its right, in front, a small blue rubber sphere. *)
let red = {|{"id":0,"color":"red","size":"large","material":"metal","shape":"cube","left":[],"right":[1],"front":[1],"behind":[]}|}
let blue = {|{"id":1,"color":"blue","size":"small","material":"rubber","shape":"sphere","left":[0],"right":[],"front":[],"behind":[0]}|}
let scene = Printf.sprintf "[[%s,%s]]" red blue

let primitive ?commutative ?varying name ty implementation ?(inputs = scene) ~doc ~example:(program, value) () =
  Primitive.make ?commutative ?varying name ty implementation ~doc ~example:{ program; inputs; value }

let type_of attribute = "tclevr" ^ attribute

let constants =
  let constant ty kind name =
    let written = "clevr_" ^ name in
    primitive written ty (Constant (Text name)) ~inputs:"[]" ~doc:(Printf.sprintf "the %s %s" kind name)
      ~example:(written, Yojson.Safe.to_string (`String name)) ()
  in
  List.concat_map (fun (attribute, names) -> List.map (constant (type_of attribute) attribute) names) attributes
  @ List.map (constant "tclevrrelation" "relation") relations

let of_attribute (attribute, names) =
  let ty = type_of attribute and name = List.hd names in
  [
    primitive ("clevr_query_" ^ attribute) ("tclevrobject -> " ^ ty) (Unary (query attribute))
      ~doc:(Printf.sprintf "the %s of the object; an error for the null object" attribute)
      ~example:
        ( Printf.sprintf "(lambda (clevr_query_%s (clevr_car $0)))" attribute,
          Yojson.Safe.to_string (`String (List.assoc attribute [ ("color", "red"); ("size", "large"); ("material", "metal"); ("shape", "cube") ])) )
      ();
    primitive ~commutative:true ("clevr_eq_" ^ attribute) (Printf.sprintf "%s -> %s -> bool" ty ty)
      (Binary (fun a b -> of_bool (equal a b)))
      ~inputs:"[]"
      ~doc:(Printf.sprintf "whether two of these are the same %s" attribute)
      ~example:(Printf.sprintf "(clevr_eq_%s clevr_%s clevr_%s)" attribute name name, "true") ();
    primitive ("clevr_transform_" ^ attribute) (Printf.sprintf "%s -> tclevrobject -> tclevrobject" ty) (Binary (transform attribute))
      ~doc:(Printf.sprintf "the object with another %s, and the same id; the null object stays what it is" attribute)
      ~example:
        ( Printf.sprintf "(lambda (clevr_query_%s (clevr_transform_%s clevr_%s (clevr_car $0))))" attribute attribute name,
          Yojson.Safe.to_string (`String name) )
      ();
  ]

let table =
  constants
  @ List.concat_map of_attribute attributes
  @ [
      primitive "clevr_relate" "tclevrobject -> tclevrrelation -> list(tclevrobject) -> list(tclevrobject)"
        (Ternary relate)
        ~doc:"the objects of the set on that side of the object; none for an object that is not in the set"
        ~example:("(lambda (clevr_count (clevr_relate (clevr_car $0) clevr_right $0)))", "1") ();
      primitive "clevr_union" "list(tclevrobject) -> list(tclevrobject) -> list(tclevrobject)" (Binary union)
        ~doc:"the objects of both sets, by id; of two with the same id that of the first set"
        ~example:("(lambda (clevr_count (clevr_union $0 $0)))", "2") ();
      primitive "clevr_intersect" "list(tclevrobject) -> list(tclevrobject) -> list(tclevrobject)" (Binary intersection)
        ~doc:"the objects of the first set whose ids are in the second"
        ~example:("(lambda (clevr_count (clevr_intersect $0 clevr_empty)))", "0") ();
      primitive "clevr_difference" "list(tclevrobject) -> list(tclevrobject) -> list(tclevrobject)" (Binary difference)
        ~doc:"the objects of the first set whose ids are not in the second"
        ~example:("(lambda (clevr_count (clevr_difference $0 (clevr_add (clevr_car $0) clevr_empty))))", "1") ();
      primitive "clevr_count" "list(tclevrobject) -> int" (Unary count)
        ~doc:"the number of objects"
        ~example:("(lambda (clevr_count $0))", "2") ();
      primitive "clevr_gt?" "int -> int -> bool" (comparison (fun (a : int) b -> a > b)) ~inputs:"[]"
        ~doc:"whether the first integer is greater"
        ~example:("(clevr_gt? 2 1)", "true") ();
      primitive "clevr_lt?" "int -> int -> bool" (comparison (fun (a : int) b -> a < b)) ~inputs:"[]"
        ~doc:"whether the first integer is less"
        ~example:("(clevr_lt? 2 1)", "false") ();
      primitive "clevr_car" "list(tclevrobject) -> tclevrobject" (Unary car)
        ~doc:"the object with the least id; the null object for the empty set"
        ~example:("(lambda (clevr_car $0))", red) ();
      primitive ~varying:0 "clevr_if" "bool -> t0 -> t0 -> t0" Conditional ~inputs:"[]"
        ~doc:"the second argument if the first is true, else the third; only that one is evaluated"
        ~example:("(clevr_if (clevr_gt? 2 1) 3 4)", "3") ();
      primitive "clevr_empty" "list(tclevrobject)" (Constant Nil) ~inputs:"[]"
        ~doc:"the empty set"
        ~example:("(clevr_count clevr_empty)", "0") ();
      primitive "clevr_fold"
        "list(tclevrobject) -> list(tclevrobject) -> (tclevrobject -> list(tclevrobject) -> list(tclevrobject)) -> list(tclevrobject)"
        (Ternary fold)
        ~doc:"the right fold: the function of each object and of the fold of those with greater ids, which at the end is the second argument"
        ~example:
          ( "(lambda (clevr_fold $0 clevr_empty (lambda (lambda (clevr_if (clevr_eq_color clevr_blue (clevr_query_color $1)) (clevr_add $1 $0) $0)))))",
            "[" ^ blue ^ "]" )
        ();
      primitive "clevr_add" "tclevrobject -> list(tclevrobject) -> list(tclevrobject)" (Binary add)
        ~doc:"the set with the object, in place of one with the same id; an error for the null object"
        ~example:("(lambda (clevr_count (clevr_add (clevr_car $0) clevr_empty)))", "1") ();
      primitive "clevr_map" "(tclevrobject -> tclevrobject) -> list(tclevrobject) -> list(tclevrobject)" (Binary map)
        ~doc:"the function applied to each object; of results with the same id the first; an error where one is the null object"
        ~example:("(lambda (clevr_count (clevr_map (lambda (clevr_transform_color clevr_red $0)) $0)))", "2") ();
    ]

let base_types =
  let field (key, ty) = { Base_type.key; ty = Types.of_string ty } in
  let ids key = field (key, "list(int)") in
  let fields = (field ("id", "int") :: List.map (fun (name, _) -> field (name, type_of name)) attributes) @ List.map ids relations in
  { Base_type.name = "tclevrobject"; form = Record { fields; optional = [ ids "at" ] } }
  :: { name = "tclevrrelation"; form = Symbol relations }
  :: List.map (fun (name, symbols) -> { Base_type.name = type_of name; form = Symbol symbols }) attributes

(* What is left out means what one of its own parts does, a sum of sets in another order does, or nothing: the null
   object is of no use, as what is done with it fails or gives the empty set. That the car of a set with an object added
   is that object, which the peers leave out too, is not so here: sets are in the order of ids. *)
let redundancies =
  let transforms = List.map (fun (name, _) -> "clevr_transform_" ^ name) attributes in
  let of_attribute (name, _) =
    Redundancy.
      [ make ("clevr_query_" ^ name) (At 0) transforms; make ("clevr_transform_" ^ name) (At 1) [ "clevr_transform_" ^ name ] ]
  in
  Redundancy.
    [
      make "clevr_car" (At 0) [ "clevr_empty" ]; make "clevr_map" (At 1) [ "clevr_empty" ];
      make "clevr_fold" (At 0) [ "clevr_empty" ]; make "clevr_union" Any [ "clevr_empty" ];
      make "clevr_intersect" Any [ "clevr_empty" ]; make "clevr_difference" Any [ "clevr_empty" ];
      make "clevr_union" (At 0) [ "clevr_union" ]; make "clevr_intersect" (At 0) [ "clevr_intersect" ];
    ]
  @ List.concat_map of_attribute attributes

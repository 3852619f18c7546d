type operation = {
  production : int;
  implementation : Primitive.implementation;
  first : t option;  (* none: this stratum itself *)
  second : t option option;
  commutative : bool;
  combine : Bytes.t -> int -> Bytes.t -> int -> Bytes.t -> bool;
}

(* Operations of which terms of a size are still to be made, with the sizes of the first argument. *)
and step = { operation : int; size_of_first : int }

and t = {
  members : Stratum.members;
  tick : unit -> unit;
  leaves : (Holes.node * Values.t * Bytes.t) array;
  mutable operations : operation array;
  scratch : Bytes.t;
  mutable count : int;
  mutable prints : Bytes.t;
  mutable terms : int array;  (* three of each: the operation, -1 for a leaf, and the arguments *)
  mutable table : int array;  (* ranks by fingerprint, plus one; 0: none *)
  mutable nodes : Holes.node option array;
  mutable values : Values.t option array;
  mutable ends : int array;  (* by size: how many terms have at most that *)
  mutable size : int;  (* of the terms that are being made *)
  mutable steps : step list;
  mutable next : int;  (* the first argument that comes next in the first step *)
}

let count ranked = ranked.count

(* Larger terms are not made, nor more than so many. *)
let most_size = 40
let most_terms = 400_000

(* {1 Fingerprints} *)

let hash print offset width =
  let hash = ref 17 in
  let word = ref offset in
  while !word < offset + width do
    let bits = Int64.to_int (Bytes.get_int64_ne print !word) in
    let mixed = (!hash lxor bits lxor (bits lsr 57)) * 0x2545F4914F6CDD1D in
    hash := mixed lxor (mixed lsr 29);
    word := !word + 8
  done;
  !hash

let rec same a i b j width =
  width = 0 || (Int64.equal (Bytes.get_int64_ne a i) (Bytes.get_int64_ne b j) && same a (i + 8) b (j + 8) (width - 8))

(* The slot of the table that has such a fingerprint, or that it belongs in. *)
let slot_of ranked print offset =
  let { members = { width; _ }; table; prints; _ } = ranked in
  let mask = Array.length table - 1 in
  let rec from slot =
    let entry = Array.unsafe_get table slot in
    if entry = 0 || same prints ((entry - 1) * width) print offset width then slot else from ((slot + 1) land mask)
  in
  from (hash print offset width land mask)

let grow ranked =
  let { members = { width; _ }; _ } = ranked in
  let capacity = 2 * Array.length ranked.nodes in
  let prints = Bytes.create (capacity * width) in
  Bytes.blit ranked.prints 0 prints 0 (ranked.count * width);
  ranked.prints <- prints;
  let longer array filler = Array.append array (Array.make (Array.length array) filler) in
  ranked.terms <- longer ranked.terms 0;
  ranked.nodes <- longer ranked.nodes None;
  ranked.values <- longer ranked.values None;
  ranked.table <- Array.make (4 * capacity) 0;
  for rank = 0 to ranked.count - 1 do ranked.table.(slot_of ranked prints (rank * width)) <- rank + 1 done

let add ranked print ~operation first second =
  let slot = slot_of ranked print 0 in
  if ranked.table.(slot) = 0 then begin
    let { count; members = { width; _ }; _ } = ranked in
    Bytes.blit print 0 ranked.prints (count * width) width;
    ranked.terms.(3 * count) <- operation;
    ranked.terms.((3 * count) + 1) <- first;
    ranked.terms.((3 * count) + 2) <- second;
    ranked.table.(slot) <- count + 1;
    ranked.count <- count + 1;
    if ranked.count = Array.length ranked.nodes then grow ranked
  end

(* {1 By size} *)

let range ranked size = (ranked.ends.(size - 1), ranked.ends.(size))

(* What is still to be done for the terms of a size, whose arguments are smaller. *)
let steps_for ranked size =
  let of_operation number { second; commutative; _ } =
    match second with
    | None -> [ { operation = number; size_of_first = size - 1 } ]
    | Some _ ->
      let most = if commutative then (size - 1) / 2 else size - 2 in
      List.init (max 0 most) (fun i -> { operation = number; size_of_first = i + 1 })
  in
  List.concat (List.mapi of_operation (Array.to_list ranked.operations))

let close_size ranked =
  ranked.ends.(ranked.size) <- ranked.count;
  ranked.size <- ranked.size + 1;
  ranked.steps <- (if ranked.size > most_size then [] else steps_for ranked ranked.size);
  ranked.next <- 0

let source ranked = Option.value ~default:ranked

(* All terms with this first argument. *)
let combine ranked number first ~size_of_second =
  let operation = ranked.operations.(number) in
  let { scratch; _ } = ranked in
  let a = source ranked operation.first in
  let place_of_first = first * a.members.width in
  match operation.second with
  | None ->
    ranked.tick ();
    if operation.combine a.prints place_of_first a.prints place_of_first scratch then
      add ranked scratch ~operation:number first 0
  | Some second ->
    let b = source ranked second in
    let from, stop = range b size_of_second in
    let from = if operation.commutative && a == b then max from first else from in
    for second = from to stop - 1 do
      if ranked.count < most_terms then begin
        ranked.tick ();
        if operation.combine a.prints place_of_first b.prints (second * b.members.width) scratch then
          add ranked scratch ~operation:number first second
      end
    done

(* Makes some more terms: false when there are no more. *)
let rec advance ranked =
  if ranked.size > most_size || ranked.count >= most_terms then false
  else begin
    match ranked.steps with
    | [] ->
      close_size ranked;
      true
    | { operation; size_of_first } :: rest ->
      let { first; second; _ } = ranked.operations.(operation) in
      let size_of_second = ranked.size - 1 - size_of_first in
      Option.iter (complete_size size_of_first) first;
      Option.iter (Option.iter (complete_size size_of_second)) second;
      let from, stop = range (source ranked first) size_of_first in
      let next = max ranked.next from in
      if next >= stop then begin
        ranked.steps <- rest;
        ranked.next <- 0
      end
      else begin
        ranked.next <- next + 1;
        combine ranked operation next ~size_of_second
      end;
      true
  end

and complete_size size other =
  while other.size <= size && advance other do () done;
  (* Where there are no more, all sizes are complete. *)
  for size = other.size to size do other.ends.(size) <- other.count done

let rec reach ranked count = ranked.count >= count || (advance ranked && reach ranked count)

(* {1 Terms} *)

let leaf_of (members : Stratum.members) assembly number (production : Library.production) =
  let node : Holes.node = { lambdas = 0; head = Production number; reversed_arguments = []; code = None } in
  if Types.is_arrow production.ty || not (Types.is_ground production.ty) then None
  else begin
    Budget.refill ~fuel:100_000 ~size:100_000;
    match (Assembly.code assembly node).run Values.Empty with
    | Text text -> Option.map (fun print -> (node, Values.Text text, print)) (members.leaf text)
    | _ -> None
    | exception (Values.Failed _ | Budget.Out_of_fuel | Budget.Out_of_space | Budget.Too_deep | Stack_overflow) -> None
  end

let rec create (library : Library.t) assembly (members : Stratum.members) ~tick =
  let leaves = List.filter_map Fun.id (List.mapi (leaf_of members assembly) (Array.to_list library.productions)) in
  let capacity = 256 in
  let ranked =
    {
      members; tick;
      leaves = Array.of_list leaves;
      operations = [||];
      scratch = Bytes.make members.width '\000';
      count = 0;
      prints = Bytes.create (capacity * members.width);
      terms = Array.make (3 * capacity) 0;
      table = Array.make (4 * capacity) 0;
      nodes = Array.make capacity None;
      values = Array.make capacity None;
      ends = Array.make (most_size + 2) 0;
      size = 1;
      steps = [];
      next = 0;
    }
  in
  let source = function Stratum.Itself -> None | Other members -> Some (create library assembly members ~tick) in
  let operation ({ primitive; first; second; commutative; combine } : Stratum.operation) =
    match (Library.find library primitive, Catalogue.find primitive) with
    | Some production, Some { implementation; _ } ->
      Some { production; implementation; first = source first; second = Option.map source second; commutative; combine }
    | _ -> None
  in
  ranked.operations <- Array.of_list (List.filter_map operation members.operations);
  Array.iteri (fun leaf (_, _, print) -> add ranked print ~operation:(-1) leaf 0) ranked.leaves;
  close_size ranked;
  ranked

let arguments ranked rank =
  let { terms; operations; _ } = ranked in
  let operation = operations.(terms.(3 * rank)) in
  let first = (source ranked operation.first, terms.((3 * rank) + 1)) in
  (operation, first :: Option.to_list (Option.map (fun second -> (source ranked second, terms.((3 * rank) + 2))) operation.second))

let rec node ranked rank : Holes.node =
  match ranked.nodes.(rank) with
  | Some node -> node
  | None ->
    let made =
      if ranked.terms.(3 * rank) < 0 then begin
        let node, _, _ = ranked.leaves.(ranked.terms.((3 * rank) + 1)) in
        node
      end
      else begin
        let { production; _ }, arguments = arguments ranked rank in
        let reversed_arguments = List.rev_map (fun (ranked, rank) -> node ranked rank) arguments in
        { Holes.lambdas = 0; head = Production production; reversed_arguments; code = None }
      end
    in
    ranked.nodes.(rank) <- Some made;
    made

let rec value ranked rank =
  match ranked.values.(rank) with
  | Some value -> value
  | None ->
    let made =
      if ranked.terms.(3 * rank) < 0 then begin
        let _, value, _ = ranked.leaves.(ranked.terms.((3 * rank) + 1)) in
        value
      end
      else begin
        let { implementation; _ }, arguments = arguments ranked rank in
        let values = List.map (fun (ranked, rank) -> value ranked rank) arguments in
        Budget.refill ~fuel:max_int ~size:max_int;
        match (implementation, values) with
        | Unary f, [ a ] -> f a
        | Binary f, [ a; b ] -> f a b
        | _ -> Values.wrong_kind ()
      end
    in
    ranked.values.(rank) <- Some made;
    made

(* {1 Conditions} *)

let accepts ranked rank text =
  let { members = { width; accepted; _ }; prints; _ } = ranked in
  Option.map (fun accepts -> accepts prints (rank * width)) (accepted text)

let first_accepting ranked ~from wanted =
  let { members = { width; accepted; _ }; prints; _ } = ranked in
  let test (text, is_accepted) = Option.map (fun accepts -> (accepts, is_accepted)) (accepted text) in
  let tests = List.filter_map test wanted in
  let fits rank = List.for_all (fun (accepts, is_accepted) -> Bool.equal (accepts prints (rank * width)) is_accepted) tests in
  let rec look rank = if rank >= ranked.count then None else if fits rank then Some rank else look (rank + 1) in
  if List.compare_lengths tests wanted < 0 then None else look from

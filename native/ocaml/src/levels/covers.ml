type t = {
  bank : Bank.t;
  wanted : Store.number array;
  matching : int array;  (* rows, by the probe on which they are right *)
  mutable seen : int;  (* rows *)
  met : (int, unit) Hashtbl.t;  (* the masks of rows *)
  mutable entries : (int * Part.t) list;  (* cheapest first; none covers no more than a cheaper one *)
}

let most_probes = 60
let members set = List.filter (fun probe -> set land (1 lsl probe) <> 0) (List.init most_probes Fun.id)
let create bank wanted = { bank; wanted; matching = Array.map (fun _ -> 0) wanted; seen = 0; met = Hashtbl.create 64; entries = [] }
let all { wanted; _ } = (1 lsl Array.length wanted) - 1
let includes mask part = mask land part = part

let cheapest covers set =
  Option.map snd (List.find_opt (fun (mask, _) -> includes mask set) covers.entries)

let is_known covers set cost =
  List.exists (fun (mask, (part : Part.t)) -> includes mask set && part.cost <= cost) covers.entries

let add covers set (part : Part.t) =
  if set <> 0 && not (is_known covers set part.cost) then begin
    let cheaper, dearer = List.partition (fun (_, (known : Part.t)) -> known.cost <= part.cost) covers.entries in
    covers.entries <- cheaper @ ((set, part) :: List.filter (fun (mask, _) -> not (includes set mask)) dearer)
  end

let look_at_row { bank; wanted; matching; _ } row =
  let mask = ref 0 in
  for probe = 0 to Array.length wanted - 1 do
    if Bank.value bank row probe = Array.unsafe_get wanted probe then begin
      matching.(probe) <- matching.(probe) + 1;
      mask := !mask lor (1 lsl probe)
    end
  done;
  !mask

let update covers =
  let { bank; _ } = covers in
  if bank.width > 0 then
    for row = covers.seen to bank.count - 1 do
      let mask = look_at_row covers row in
      if mask <> 0 && not (Hashtbl.mem covers.met mask) then begin
        Hashtbl.add covers.met mask ();
        add covers mask (Part.of_row bank row)
      end
    done;
  covers.seen <- bank.count

let information covers =
  let of_probe probe matching =
    match cheapest covers (1 lsl probe) with
    | None -> infinity
    | Some { cost; _ } ->
      let nats = float_of_int cost /. float_of_int Ground.units_per_nat in
      if matching = 0 then nats else min nats (log (float_of_int covers.seen /. float_of_int matching))
  in
  Array.fold_left ( +. ) 0. (Array.mapi of_probe covers.matching)

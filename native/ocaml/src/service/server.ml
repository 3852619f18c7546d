type channels = { input : in_channel; output : out_channel }

(* The client is gone. *)
exception Hung_up

let send channels (json : Json.t) =
  let line = Yojson.Safe.to_string ~std:true json in
  match
    output_string channels.output (Utf8.repaired line);
    output_char channels.output '\n';
    flush channels.output
  with
  | () -> ()
  | exception Sys_error _ -> raise Hung_up

let is_blank line = String.trim line = ""

let rec next_line channels =
  match input_line channels.input with
  | line when is_blank line -> next_line channels
  | line -> line
  | exception End_of_file -> raise Hung_up
  | exception Sys_error _ -> raise Hung_up

(* Sends a batch of proposed programs and waits for how to go on. *)
let exchange channels id batch window_end =
  send channels (`Assoc [ ("id", id); ("batch", batch); ("window_end", window_end) ]);
  let reply = Json.of_line (next_line channels) in
  match Json.required_text "op" reply with
  | "next" -> true
  | "stop" -> false
  | other -> Failure.bad_request "after a batch, op must be next or stop, not %s" (Failure.quoted other)

let perform channels id json : Json.t =
  match Json.required_text "op" json with
  | "primitives" -> Evaluation_requests.primitives ()
  | "infer" -> Evaluation_requests.infer json
  | "evaluate" -> Evaluation_requests.evaluate json
  | "judge" -> Judgment_requests.judge json
  | "enumerate" -> Search_requests.enumerate json
  | "solve" -> Search_requests.solve json
  | "cover" -> Grid_requests.cover json
  | "sample" -> Variation_requests.sample json
  | "mutate" -> Variation_requests.mutate json
  | "mutate_lines" -> Line_requests.mutate json
  | "crossover" -> Variation_requests.crossover json
  | "improve" -> Variation_requests.improve json
  | "propose" -> Search_requests.propose json ~exchange:(exchange channels id)
  | other -> Failure.bad_request "there is no operation %s" (Failure.quoted other)

(* Yojson reads numbers that no JSON can say, and an id is given back. *)
let writable (id : Json.t) =
  match Yojson.Safe.to_string ~std:true id with
  | _ -> id
  | exception Yojson.Json_error _ -> Failure.bad_request "the id holds a number that JSON cannot say"

let answer channels line : Json.t =
  let id = ref `Null in
  let failed ?fields kind message : Json.t =
    `Assoc [ ("id", !id); ("error", Protocol.error_json ?fields kind message) ]
  in
  match
    let json = Json.of_line line in
    id := Option.fold ~none:`Null ~some:writable (Json.field "id" json);
    perform channels !id json
  with
  | result -> `Assoc [ ("id", !id); ("ok", result) ]
  | exception Hung_up -> raise Hung_up
  | exception Failure.Error (kind, message) -> failed kind message
  | exception Search_requests.Wrong_task { id; message } -> failed ~fields:[ ("task", id) ] Bad_request message
  | exception Types.Too_large -> failed Type "types grow too large"
  | exception Stack_overflow -> failed Bad_request "the request is nested too deeply"
  | exception Out_of_memory -> failed Bad_request "the request needs more memory than there is"
  | exception error -> failed Internal (Printexc.to_string error)

let serve input output =
  let channels = { input; output } in
  let rec loop () =
    send channels (answer channels (next_line channels));
    loop ()
  in
  try loop () with Hung_up -> ()

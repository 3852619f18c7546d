open Values

(* A value of type turtle is a list of what remains to be done:
   - a move: the length of the way forward and the turn after it, a pair of fractions;
   - a part: a list of its own, and whether place and heading, too, are restored after it, or just the pen.
   So turtles are data, which can be compared and shared; they are drawn when a program has ended. *)

let move length turn rest =
  Budget.allocate 2;
  Cons (Cons (length, turn), rest)

let part ~returns body rest =
  let body = apply body Nil in
  Budget.allocate 2;
  Cons (Cons (Bool returns, body), rest)

(* body 0 (body 1 (… rest)), made from its end; a body that goes on without its turtle ends the loop. *)
let loop count body rest =
  let rec before i rest =
    if i = 0 then rest
    else begin
      Budget.step ();
      before (i - 1) (apply2 body (Int (i - 1)) rest)
    end
  in
  match count with Int count -> before (max 0 count) rest | _ -> wrong_kind ()

(* {1 Drawing} *)

let most_moves = 10_000

type turtle = { mutable x : float; mutable y : float; mutable heading : float; mutable drawn : int; mutable moves : int }

(* The ends of the lines drawn, four numbers a line; reused by all drawings. *)
let ends = ref (Array.make 256 0.)

type box = { mutable left : float; mutable right : float; mutable lower : float; mutable upper : float }

(* Sums of lengths that just fill the canvas may be rounded up. *)
let room = Strokes.canvas +. 1e-9

let include_point box x y =
  if x < box.left then box.left <- x;
  if x > box.right then box.right <- x;
  if y < box.lower then box.lower <- y;
  if y > box.upper then box.upper <- y

let add_line turtle box x y =
  let at = 4 * turtle.drawn in
  if at = Array.length !ends then ends := Array.append !ends (Array.make at 0.);
  let ends = !ends in
  ends.(at) <- turtle.x;
  ends.(at + 1) <- turtle.y;
  ends.(at + 2) <- x;
  ends.(at + 3) <- y;
  turtle.drawn <- turtle.drawn + 1;
  include_point box turtle.x turtle.y;
  include_point box x y;
  if box.right -. box.left > room || box.upper -. box.lower > room then fail "the drawing is larger than the canvas"

let full_turn = 2. *. Float.pi

let forward turtle box ~pen length turn =
  Budget.step ();
  turtle.moves <- turtle.moves + 1;
  if turtle.moves > most_moves then raise_notrace Budget.Out_of_fuel;
  let length = Fraction.to_float length in
  if length <> 0. then begin
    let angle = full_turn *. turtle.heading in
    let x = turtle.x +. (length *. cos angle) and y = turtle.y +. (length *. sin angle) in
    if pen then add_line turtle box x y;
    turtle.x <- x;
    turtle.y <- y
  end;
  (* Whole turns are taken away while that is exact. *)
  let turns, parts = Fraction.parts turn in
  turtle.heading <- turtle.heading +. (float_of_int (turns mod parts) /. float_of_int parts)

let rec draw turtle box ~pen = function
  | Nil -> ()
  | Cons (Cons (Bool returns, body), rest) ->
    let { x; y; heading; _ } = turtle in
    Budget.step ();
    Budget.enter 1;
    draw turtle box ~pen:(pen && returns) body;
    Budget.leave 1;
    if returns then begin
      turtle.x <- x;
      turtle.y <- y;
      turtle.heading <- heading
    end;
    draw turtle box ~pen rest
  | Cons (Cons (length, turn), rest) ->
    forward turtle box ~pen length turn;
    draw turtle box ~pen rest
  | _ -> wrong_kind ()

let trace value =
  let turtle = { x = 0.; y = 0.; heading = 0.; drawn = 0; moves = 0 } in
  let box = { left = infinity; right = neg_infinity; lower = infinity; upper = neg_infinity } in
  draw turtle box ~pen:true value;
  Strokes.of_lines !ends turtle.drawn

(* {1 The tables} *)

let number name ty (numerator, denominator) doc =
  Primitive.make name ty
    (Constant (Fraction.make numerator denominator))
    ~doc
    ~example:{ program = name; inputs = "[]"; value = Printf.sprintf "[%d,%d]" numerator denominator }

let of_int f = Primitive.Binary (fun a b -> match b with Int b -> f a b | _ -> wrong_kind ())

let numbers =
  let operation name ty implementation doc example value =
    Primitive.make name ty implementation ~doc ~example:{ program = example; inputs = "[]"; value }
  in
  [
    number "logo_UA" "tangle" (1, 1) "one turn";
    number "logo_UL" "tlength" (1, 1) "the unit of length, a ninth of the canvas";
    number "logo_ZA" "tangle" (0, 1) "no turn";
    number "logo_ZL" "tlength" (0, 1) "the length 0";
    number "logo_epsA" "tangle" (1, 40) "a small turn, 9 degrees";
    number "logo_epsL" "tlength" (1, 20) "a small length";
    Primitive.make "logo_IFTY" "int" (Constant (Int 20)) ~doc:"many times, 20"
      ~example:{ program = "logo_IFTY"; inputs = "[]"; value = "20" };
    operation "logo_DIVA" "tangle -> int -> tangle" (of_int Fraction.over) "the turn divided by a number"
      "(logo_DIVA logo_UA 4)" "[1,4]";
    operation "logo_MULA" "tangle -> int -> tangle" (of_int Fraction.times) "the turn so many times"
      "(logo_MULA logo_epsA 3)" "[3,40]";
    operation "logo_DIVL" "tlength -> int -> tlength" (of_int Fraction.over) "the length divided by a number"
      "(logo_DIVL logo_UL 2)" "[1,2]";
    operation "logo_MULL" "tlength -> int -> tlength" (of_int Fraction.times) "the length so many times"
      "(logo_MULL logo_epsL 4)" "[1,5]";
    operation "logo_ADDA" "tangle -> tangle -> tangle" (Binary Fraction.add) "both turns"
      "(logo_ADDA logo_UA logo_epsA)" "[41,40]";
    operation "logo_SUBA" "tangle -> tangle -> tangle" (Binary Fraction.subtract) "the first turn without the second"
      "(logo_SUBA logo_UA logo_epsA)" "[39,40]";
  ]

let moves =
  [
    Primitive.make "logo_FWRT" "tlength -> tangle -> turtle -> turtle" (Ternary move)
      ~doc:"forward by a length, then a turn to the left, then what remains";
    Primitive.make "logo_PT" "(turtle -> turtle) -> turtle -> turtle"
      (Binary (fun body rest -> part ~returns:false body rest))
      ~doc:"the body with the pen up, then what remains with the pen as before";
    Primitive.make "logo_GETSET" "(turtle -> turtle) -> turtle -> turtle"
      (Binary (fun body rest -> part ~returns:true body rest))
      ~doc:"the body, then what remains from where the body began: place, heading and pen";
    Primitive.make "logo_forLoop" "int -> (int -> turtle -> turtle) -> turtle -> turtle" (Ternary loop)
      ~doc:"the body so many times, with the number of times before, then what remains";
  ]

let table = numbers @ moves

let base_types =
  let drawing =
    Base_type.Drawing
      { nothing = Nil; trace; picture = Strokes.picture; side = Strokes.side; tolerance = 16 }
  in
  [
    { Base_type.name = "turtle"; form = drawing }; { name = "tangle"; form = Fraction };
    { name = "tlength"; form = Fraction };
  ]

(* {1 What a search may leave out} *)

let equivalence =
  let positive = function Int n when n <= 0 -> None | value -> Some value in
  {
    Equivalence.marks = List.map (fun (primitive : Primitive.t) -> primitive.name) moves;
    number_types = [ "int"; "tangle"; "tlength" ];
    uses =
      Equivalence.
        [
          number "logo_FWRT" 1 (fun turn -> Some (Fraction.part_of_one turn)); number "logo_forLoop" 0 positive;
          body "logo_forLoop" 1; body "logo_PT" 0; body "logo_GETSET" 0;
        ];
  }

(** What one evaluation may use: steps (fuel), cells and characters allocated
    (size), and nesting. Counted, never timed, so that an outcome is the same on
    every machine.

    What is left is one global of the process, because every primitive charges it:
    right for one evaluation at a time, and a wall for evaluating in several domains
    of OCaml 5. *)

exception Out_of_fuel
exception Out_of_space
exception Too_deep

val deepest : int
(** The greatest depth. *)

val refill : fuel:int -> size:int -> unit
(** Begins an evaluation. *)

val step : unit -> unit
(** @raise Out_of_fuel *)

val steps : int -> unit
(** @raise Out_of_fuel *)

val allocate : int -> unit
(** So many list cells or bytes of text. @raise Out_of_space *)

val enter : int -> unit
(** In units of one compiled term node. @raise Too_deep *)

val leave : int -> unit

(** {1 Measuring a part of an evaluation} *)

val steps_left : unit -> int
val cells_left : unit -> int

type mark
(** What was left at a moment. *)

type spent = { steps : int; cells : int; depth : int  (** at most in use, beyond that of the moment *) }

val mark : unit -> mark
val since : mark -> spent
(** What was spent since then. Whatever was entered and not left is left: the part may have ended by an exception. *)

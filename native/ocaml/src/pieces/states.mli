(** States of the search: what a program has for the inputs of all demonstrations and tests at once. *)

type value =
  | One of Image.t array  (** an image for each pair *)
  | Many of Image.t array array  (** several for each *)

type t = { cost : int; origin : origin; value : value }
and given = Input | Canvas
and origin = Given of given | Made of Operations.t * t

val hash : value -> int
(** Values with equal hashes count as one: 63 bits, and every program is run before it is an answer. *)

(** Sets of hashes. *)
module Seen : sig
  type t

  val create : unit -> t

  val add : t -> int -> bool
  (** Whether it is new. *)
end

(** Programs with parts that are found from the examples instead of tried: one unknown text, one condition of a conditional
    within a function, and one at the root, between a program that is right on the examples where a cheap one is wrong and
    that cheap one. Inside a sketch, terms of a stratum are priced by rank.

    What a sketch leads to may be wrong still, as patterns may match in other ways than their fingerprints say: whoever asks
    tests it on all examples. *)

type t

(** How far a search goes before it begins anew with wider bounds. *)
type bounds = {
  ranked : int;  (** terms of a stratum *)
  kept : int;  (** units: dearer terms are made, but not kept *)
  level : int;  (** of the dearest sketches *)
}

val plan : bounds list
(** One after the other: many terms of a stratum in small sketches, then few of them in larger ones, and so on. *)

val is_possible : Library.t -> request:Types.t -> bool
(** Whether the library has anything to be found so, and the request asks for a text. *)

val create :
  ?before:t ->
  bounds ->
  Ground.t ->
  Assembly.t ->
  Compile.t ->
  Library.t ->
  request:Types.t ->
  signature:(Values.t array * Values.t) list ->
  probes:int ->
  limits:Evaluation.limits ->
  counts:Round.counts ->
  tick:(unit -> unit) ->
  t
(** As {!Round.create}; only one is in use at a time. What is made [before], for the same signature, is not made again. *)

val run : t -> level:int -> found:(Holes.node -> unit) -> unit
(** All sketches of just this cost. Levels come in order, from 1. *)

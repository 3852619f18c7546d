(** Breadth first by cost: operations applied to states, and states with equal values kept once. *)

type space = {
  mutable states : States.t list;  (** to which operations were applied, last first *)
  mutable pieces : States.t list;  (** of the outputs' sizes, at the origin; last first *)
  mutable tried : int;
}

val run :
  is_over:(unit -> bool) ->
  Operations.t array ->
  depth:int ->
  States.t list ->
  Image.t array option ->
  Image.t array ->
  space
(** [run ~is_over operations ~depth givens canvas outputs]: all that costs at most [depth]. Operations that need a canvas
    are left out without one. *)

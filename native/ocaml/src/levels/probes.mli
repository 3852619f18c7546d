(** Probe environments: the values of the variables in scope on which terms are compared.
    Terms with equal values on all probes count as one, so the probes decide what a search
    can lose. The parameters of a lambda get values from the environment around it, chosen
    by a hash of (round, probe), values not seen yet first: each regular choice, as the
    first element of each list, would make different terms equal. *)

type t = {
  tuples : Store.number array array;  (** by probe: the values of the variables, outermost first *)
  environments : Values.environment array;  (** the same, to run code in *)
}

val count : t -> int

val of_inputs : Store.t -> Values.t array list -> t

val extend :
  Store.t ->
  constants:(Types.t -> Values.t list) ->
  most:int ->
  t ->
  scope:Types.t list ->
  parameters:Types.t list ->
  t
(** The probes below a lambda; [scope] and [parameters] have the outermost first, [constants]
    are values of a type that the library names. No probes if there is no value of some type. *)

(** Whether two terms of a number type have the same value: the value of a term in a hole's
    environment, which is exact for closed terms. Other terms are compared for several values of
    the variables, on which arithmetic terms of any size that is ever enumerated differ. *)

type t

val create : Library.t -> Assembly.t -> t

val applies : t -> Holes.hole -> bool
(** Whether the hole's terms are compared by value: its type is a number type that a domain merges. *)

type value =
  | Same_as of string  (** equal for terms of which one is enough: a digest of their values *)
  | Unneeded  (** no program needs the term *)
  | Unknown  (** it depends on more than numbers *)

val value : t -> Holes.hole -> Holes.node -> value

(** Code for the programs that an enumeration makes. Parts of a program that were
    met before keep the code they got then. *)

type t

val create : Library.t -> Compile.t -> t

val code : t -> Holes.node -> Code.t
(** The node with its lambdas; kept in the node. *)

val body : t -> Holes.node -> Code.t
(** The node without its lambdas. *)

val of_derivation : t -> Derivation.t -> int * Code.t
(** A program as its derivation has it: the lambdas at the front, and the code of
    what is under them. *)

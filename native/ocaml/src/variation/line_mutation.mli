(** Mutation of programs line by line, as in CodeIt (Butt et al., 2024): an argument, a head or all of a line is replaced
    by something of the same type, if need be on a line before it. Types are those of the library's productions, so that
    no program has to run for them. *)

(** The chances: of the three kinds relative to each other, and of a new line where an argument is replaced. *)
type chances = { argument : float; head : float; line : float; new_line : float }

type t

val create : Library.t -> t
(** What is worked out once for a library; productions of weight −∞ are never proposed. *)

type parent

val parent : t -> request:Types.t -> Terms.t -> parent
(** @raise Failure.Error where the program does not fit the request. *)

val mutant : t -> chances -> Splitmix.t -> parent -> Terms.t option
(** [None] where nothing fits, and for a program without lines. *)

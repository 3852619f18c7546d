(** The principal type of a term, by unification (Hindley–Milner without let).
    What is wrong with a term is a {!Failure.Error}. *)

val infer : type_of_name:(string -> Types.t option) -> Terms.t -> Types.t
(** The canonical principal type. *)

val check : type_of_name:(string -> Types.t option) -> Terms.t -> Types.t -> unit
(** Checks that a term may be used at a type, which may be narrower than its own. *)

val check_fits : type_of_name:(string -> Types.t option) -> Terms.t -> Types.t -> unit
(** Checks that a term may answer a request, whose variables it may decide, as an enumeration for the request does. *)

(** {1 For others that type terms} *)

val infer_in : Types.context -> type_of_name:(string -> Types.t option) -> Terms.t -> Types.t
(** The type in a context, which may decide more of it. *)

val guarded : (unit -> 'a) -> 'a
(** Turns {!Types.Too_large} into a {!Failure.Error}. *)

val describe : Terms.t -> string
(** A term as messages name it. *)

val shown : Types.context -> Types.t -> string
(** A type as messages show it. *)

(** Types of the λ-calculus: constructors, variables, reading, printing and
    unification. Hindley–Milner without let, as DreamCoder uses it. *)

type t =
  | Variable of int
  | Constructor of string * t list  (** also [->], with argument and result *)

exception Syntax_error of string
exception Clash of t * t  (** types that do not unify *)

exception Too_large  (** unification would visit types of exponential size *)

(** {1 Making and taking apart} *)

val arrow : t -> t -> t
val int : t
val string : t
val is_arrow : t -> bool

val return_of : t -> t
(** What is left when a function has all its arguments; never an arrow. *)

val arguments_of : t -> t list

(** {1 Text} *)

val to_string : t -> string

val of_string : string -> t
(** Words that are [t] and digits are variables, numbered in order of appearance,
    so that huge numbers in the text cost nothing. @raise Syntax_error *)

(** {1 Variables} *)

val map_variables : (int -> t) -> t -> t
val is_ground : t -> bool

val variable_count : t -> int
(** One more than the greatest variable. *)

val canonical : t -> t
(** Variables numbered in order of appearance. *)

val canonical_all : t list -> t list * int array
(** Several types renamed together; also which variable each new number stands for. *)

(** {1 Tables of types}

    The polymorphic equality and hash are several times slower. *)

val all_equal : t list -> t list -> bool

val hash_onto : int -> t -> int
(** A hash that continues another. *)

val differ_at_head : t -> t -> bool
(** Whether two types can be seen at a glance to have no instance in common. *)

val size_within : int -> t -> int
(** The nodes of a type, or a number beyond the limit. *)

(** {1 Unification} *)

type context
(** What type variables stand for; mutable. *)

val new_context : int -> context
(** With so many variables, from 0 on, that stand for nothing yet. *)

val copy : context -> context
(** A context that goes its own way from here. *)

val variables_made : context -> int
val fresh : context -> t

val instantiate : context -> t -> t
(** A copy of a type whose variables, numbered from 0, are new in the context. *)

val head : context -> t -> t
(** The type with its outermost constructor known, if it is decided. *)

val apply : context -> t -> t
(** The type with all that is decided put in. @raise Too_large *)

val unify : context -> t -> t -> unit
(** @raise Clash
    @raise Too_large *)

val unifies : context -> t -> t -> bool
(** As [unify]; after [false] the context is invalid. *)

val have_common_instance : t -> t -> bool
(** Whether some type is both with some variables replaced; their variables are not the same. *)

val is_instance : general:t -> t -> bool
(** Whether a type is [general] with some variables replaced. *)

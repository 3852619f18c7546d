(** Terms of one type that serve in one place alone, as patterns do: a search by sketches enumerates them apart, takes
    those that do the same to the texts of the examples for one, and prices a term by its rank. *)

(** The terms of a stratum for given texts. A fingerprint is a row of bytes: terms with equal ones are equal. *)
type members = {
  width : int;  (** bytes of a fingerprint, a multiple of 8 *)
  leaf : string -> Bytes.t option;  (** the fingerprint of a closed term with this value; [None]: it is of no use here *)
  operations : operation list;
  accepted : string -> (Bytes.t -> int -> bool) option;
      (** whether a term, by the place of its fingerprint, accepts a text as a whole; [None]: fingerprints do not tell *)
}

(** A primitive that makes a term of one or two others. *)
and operation = {
  primitive : string;
  first : source;
  second : source option;
  commutative : bool;
  combine : Bytes.t -> int -> Bytes.t -> int -> Bytes.t -> bool;
      (** [combine a i b j into]: the fingerprint of the term, given those of the arguments at [i] of [a] and [j] of [b]; false
          if the term is of no use. Of one argument the second is the first again. *)
}

and source = Itself | Other of members

type t = {
  name : string;
  operations : string list;  (** the primitives that make larger terms of it *)
  members : string list -> members;  (** for the texts in which terms are told apart *)
}

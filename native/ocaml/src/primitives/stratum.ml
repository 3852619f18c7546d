type members = {
  width : int;
  leaf : string -> Bytes.t option;
  operations : operation list;
  accepted : string -> (Bytes.t -> int -> bool) option;
}

and operation = {
  primitive : string;
  first : source;
  second : source option;
  commutative : bool;
  combine : Bytes.t -> int -> Bytes.t -> int -> Bytes.t -> bool;
}

and source = Itself | Other of members

type t = {
  name : string;
  operations : string list;
  members : string list -> members;
}

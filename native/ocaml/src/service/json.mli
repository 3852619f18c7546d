(** Fields of requests, read with errors that say what is missing or wrong. All
    functions that read raise {!Failure.Error}; [what] is the field's name. *)

type t = Yojson.Safe.t

val deepest : int
(** Lists and objects may be nested so deeply. *)

val of_line : string -> t

(** {1 Fields} *)

val field : string -> t -> t option
(** An absent field and null are the same. *)

val required : string -> t -> t
val required_text : string -> t -> string
val required_list : string -> t -> t list
val optional : (what:string -> t -> 'a) -> string -> t -> 'a option
val with_default : 'a -> (what:string -> t -> 'a) -> string -> t -> 'a

(** {1 Values} *)

val text : what:string -> t -> string
(** Valid UTF-8. *)

val number : what:string -> t -> float
(** No NaN. *)

val integer : what:string -> t -> int
(** Of at most 63 bits. *)

val positive : what:string -> t -> int
(** An integer of at least 1. *)

val boolean : what:string -> t -> bool
val list : what:string -> t -> t list

val map : ('a -> 'b) -> 'a list -> 'b list
(** As [List.map], for lists that are too long for the stack. *)

val mapi : (int -> 'a -> 'b) -> 'a list -> 'b list
(** As [List.mapi], likewise. *)

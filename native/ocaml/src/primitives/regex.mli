(** Regular expressions with RE2's and Perl's leftmost-first meaning, matched by
    Thompson's simulation with prioritized threads (Pike's machine), so that no
    pattern is slow. Just what patterns of the regex domain can be made of:
    characters, [.], classes, groups, alternation, [* + ?], [^ $] and escapes.

    Written by hand, because matching must charge {!Budget} for its steps, which
    neither [str] nor [re] can do; [str] backtracks besides, and both match bytes
    where this domain's patterns match characters. *)

type t

exception Invalid of string
(** No pattern, and why. *)

val of_string : string -> t
(** @raise Invalid *)

val matches_whole : t -> string -> bool

val split_reversed : t -> string -> string list
(** The text cut before and after each match, matches kept and empty pieces
    dropped, last piece first. *)

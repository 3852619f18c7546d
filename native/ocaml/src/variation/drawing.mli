(** Draws from the grammar that keep within a number of nodes, by construction:
    what is drawn from at a hole are the choices that can still be completed in the
    room that is left, with the grammar's odds among them. *)

type t = {
  completions : Completions.t;
  random : Splitmix.t;
  max_depth : int;  (** from here on only what can be completed in fewest nodes is drawn *)
}

exception Nothing_fits

val draw :
  t -> ?except:Holes.head -> Holes.hole -> room:int -> Holes.node * float * int * Holes.substitution
(** A filling of a hole in at most [room] nodes, whose head is not [except]: the
    node, its log prior, its nodes and what it decides. @raise Nothing_fits *)

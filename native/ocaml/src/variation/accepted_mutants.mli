(** The line mutants of programs that do something new: their outputs are valid on all inputs, are not the inputs, and
    differ from those of every program before. Mutants share the lines that they have in common ({!Sharing}), so that
    what a mutation leaves as it is runs once for all of them. *)

type settings = {
  request : Types.t;
  chances : Line_mutation.chances;
  limits : Evaluation.limits;
  count : int;  (** for each program *)
  most_tries : int;  (** for each of these *)
  any_depth : bool;  (** mutants become parents, too; else only the given programs are *)
}

type mutant = { text : string; parent : string }

type counts = {
  mutable tried : int;
  mutable unfit : int;  (** nothing fits there *)
  mutable invalid : int;
  mutable identity : int;
  mutable duplicate : int;
}

type answer = {
  mutants : mutant list array;  (** by given program; with [any_depth] all are the first's *)
  wrong : (int * string) list;  (** given programs that are no parents, by number, and why *)
  counts : counts;
}

val find :
  Line_mutation.t -> Compile.t -> settings -> inputs:Values.t array array -> (string * int) list -> answer
(** Of programs and their seeds. *)

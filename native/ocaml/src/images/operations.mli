(** The operations of the search over grids: each has a name, a meaning and a cost. They are also primitives
    ({!Primitives_search}). *)

type meaning =
  | Change of (Image.t -> Image.t)  (** of several images it changes each *)
  | Split of (Image.t -> Image.t array)
  | Choose of (Image.t array -> Image.t)
  | Select of (Image.t array -> Image.t array)
  | Fit of (Image.t -> Image.t -> Image.t)  (** the second argument is a canvas of the output's size *)

type t = {
  name : string;
  arguments : int list;  (** integers that stand before the image: operations of one name are one primitive *)
  meaning : meaning;
  cost : int;
  doc : string;
}

val prefix : string
(** Begins all names. *)

val usual_cost : int
(** Of a step. *)

val all : t list
(** In the order in which they are tried, but for cost. *)

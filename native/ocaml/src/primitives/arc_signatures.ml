let sample = "[[0,2,2],[0,0,1]]"
let position = "pair(int,int)"
let cell = Printf.sprintf "pair(int,%s)" position
let set ty = Printf.sprintf "set(%s)" ty
let indices = set position
let object_ = set cell
let objects = set object_

type kind = { word : string; ty : string; example : string }
type parameter = kind list

let only ty example = [ { word = ""; ty; example } ]
let at parameter example = List.map (fun kind -> { kind with example }) parameter
let either = List.concat
let of_grid = { word = "grid"; ty = "tgrid"; example = "$0" }
let of_object = { word = "object"; ty = object_; example = "(merge.set (fgpartition $0))" }
let of_indices = { word = "indices"; ty = indices; example = "(ofcolor $0 TWO)" }
let grid = [ of_grid ]
let obj = [ of_object ]
let place_set = [ of_indices ]
let patch = [ of_object; of_indices ]
let patch_or word ty example = patch @ [ { word; ty; example } ]
let cells example = [ { word = "cells"; ty = Printf.sprintf "list(%s)" cell; example } ]
let element = [ of_grid; of_object ]
let piece = [ of_grid; of_object; of_indices ]
let number n pair = [ { word = "int"; ty = "int"; example = n }; { word = "pair"; ty = position; example = pair } ]
let int example = only "int" example
let bool example = only "bool" example
let offset example = only position example

let rec choices = function
  | [] -> [ [] ]
  | parameter :: rest -> List.concat_map (fun kind -> List.map (fun kinds -> kind :: kinds) (choices rest)) parameter

let substituted result kinds =
  let buffer = Buffer.create 32 in
  Buffer.add_substitute buffer (fun number -> (List.nth kinds (int_of_string number - 1)).ty) result;
  Buffer.contents buffer

(* The example is a function if it mentions the input. *)
let with_example ~doc name ty implementation ~call ~value =
  let program, inputs = if String.contains call '$' then (Printf.sprintf "(lambda %s)" call, "[" ^ sample ^ "]") else (call, "[]") in
  Primitive.make ~doc name ty implementation ~example:{ program; inputs; value }

let family ?within name parameters result implementation ~doc ~values =
  let production kinds value =
    let named parameter kind = if List.compare_length_with parameter 1 > 0 then Some kind.word else None in
    let words = List.filter_map Fun.id (List.map2 named parameters kinds) in
    let name = match words with [] -> name | words -> name ^ "." ^ String.concat "_" words in
    let ty = String.concat " -> " (List.map (fun kind -> kind.ty) kinds @ [ substituted result kinds ]) in
    let call = Printf.sprintf "(%s %s)" name (String.concat " " (List.map (fun kind -> kind.example) kinds)) in
    let call = match within with Some f -> Printf.sprintf "(%s %s)" f call | None -> call in
    with_example ~doc name ty implementation ~call ~value
  in
  let values = if values = [] then List.map (fun _ -> "null") (choices parameters) else values in
  List.map2 production (choices parameters) values

let overloads name implementation ~doc rows =
  let production (kind, ty, call, value) =
    with_example ~doc (if kind = "" then name else name ^ "." ^ kind) ty implementation ~call ~value
  in
  List.map production rows

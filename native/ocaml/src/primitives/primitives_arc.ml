let table =
  Primitives_arc_numbers.table @ Primitives_arc_containers.table @ Primitives_arc_functions.table @ Primitives_arc_grids.table
  @ Primitives_arc_patches.table

let base_types = [ { Base_type.name = "tgrid"; form = Grid } ]

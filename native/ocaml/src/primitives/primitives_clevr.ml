let redundancies =
  Redundancy.
    [
      make "clevr_car" (At 0) [ "clevr_add"; "clevr_empty" ];
      make "clevr_map" (At 1) [ "clevr_empty" ];
      make "clevr_fold" (At 0) [ "clevr_empty" ];
    ]

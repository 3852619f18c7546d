let () =
  Alcotest.run "lambda_machine"
    [
      ("language", Test_language.tests);
      ("evaluation", Test_evaluation.tests);
      ("rewriting", Test_rewriting.tests);
      ("search", Test_search.tests);
      ("mutation", Test_mutation.tests);
      ("mutation of lines", Test_line_mutation.tests);
      ("improvement", Test_improvement.tests);
      ("levels", Test_levels.tests);
      ("deduction", Test_deduction.tests);
      ("sketches", Test_sketches.tests);
      ("weights", Test_weights.tests);
      ("counts", Test_counts.tests);
      ("logo", Test_logo.tests);
      ("grid search", Test_grid_search.tests);
      ("grids", Test_grids.tests);
    ]

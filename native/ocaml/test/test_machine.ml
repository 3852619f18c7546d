let () = Alcotest.run "lambda_machine" [ ("counts", Test_counts.tests) ]

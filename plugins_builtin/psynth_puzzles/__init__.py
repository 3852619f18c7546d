"""The domain ``puzzles``: answers that the code of each puzzle accepts, and the format of P3's puzzles."""

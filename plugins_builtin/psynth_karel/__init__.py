"""The domain ``karel``: a robot on a grid, ten tasks that reward it, and three sets of published rules."""

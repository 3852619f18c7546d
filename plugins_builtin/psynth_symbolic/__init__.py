"""The domain ``symbolic``: formulas to find from points."""

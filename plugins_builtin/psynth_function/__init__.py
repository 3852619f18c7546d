"""The domain ``function``: points where test functions are least."""

"""The domain of functions on lists of integers."""

"""The domain of programs whose primitives have no known types."""

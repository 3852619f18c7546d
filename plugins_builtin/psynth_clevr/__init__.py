"""The domain of questions about scenes of simple objects."""

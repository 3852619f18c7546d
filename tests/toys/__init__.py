"""Toy domains and methods for tests, each in one of the shapes that the contracts allow."""

"""Operators on the text of programs: syntax trees of Python, vectors of numbers, and differences."""

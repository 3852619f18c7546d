"""The typed λ-calculus: types, terms, grammars over them, and their evaluation in Python."""

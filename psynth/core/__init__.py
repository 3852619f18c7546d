"""The data model and the λ-calculus: records, streams, types, terms, grammars, and the doors to the engines."""

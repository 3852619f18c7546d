"""The data model and the λ-calculus: records, streams, types, terms, grammars, seeds, and the doors to the native engines."""

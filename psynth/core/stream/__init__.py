"""The frontier stream: its records, and how they are read, written, merged and resumed."""

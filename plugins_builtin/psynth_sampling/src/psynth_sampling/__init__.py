"""Programs drawn from a grammar for psynth."""

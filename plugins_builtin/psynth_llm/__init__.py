"""Methods that ask language models: a solver, documentation, and mutation."""

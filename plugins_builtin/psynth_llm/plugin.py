"""Registers the methods ``llm`` of sample, document and mutate."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import RegisterMethod


@hookimpl
def register_methods(register: RegisterMethod) -> None:
    """Register the methods that ask a language model."""
    register("sample", "llm", "psynth_llm.solver:Solver", help="programs that a language model writes for each task")
    register("document", "llm", "psynth_llm.autodoc:AutoDoc", help="names and summaries by a language model")
    register("mutate", "llm", "psynth_llm.mutation:Mutate", help="changes that a language model makes to programs")

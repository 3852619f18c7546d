"""Registers the methods ``llm`` of sample."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import RegisterMethod


@hookimpl
def register_methods(register: RegisterMethod) -> None:
    """Register the methods that ask a language model."""
    register("sample", "llm", "psynth_llm.solver:Solver", help="programs that a language model writes for each task")

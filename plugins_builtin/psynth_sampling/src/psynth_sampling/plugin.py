"""What psynth loads first: it says what there is and where, and imports none of it."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import RegisterMethod


@hookimpl
def register_methods(register: RegisterMethod) -> None:
    """Register ``psynth sample --method grammar``."""
    register("sample", "grammar", "psynth_sampling.grammar:DrawFromGrammar", help="draw from the library's weights")

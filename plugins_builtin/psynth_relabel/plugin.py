"""Registers the methods of relabel."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import RegisterMethod


@hookimpl
def register_methods(register: RegisterMethod) -> None:
    """Register ``psynth relabel --method dreams``."""
    register("relabel", "dreams", "psynth_relabel.dreams:Dreams", help="run programs on inputs: the results are tasks")
    register(
        "relabel", "hindsight", "psynth_relabel.hindsight:Hindsight", help="programs become solutions of other tasks"
    )

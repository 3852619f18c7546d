"""Registers the mutate methods ``subterm`` and ``crossover``."""

from psynth.plugins import hookimpl


@hookimpl
def register_methods(register) -> None:
    """Register ``psynth mutate --method subterm`` and ``--method crossover``."""
    register(
        "mutate",
        "subterm",
        "psynth_mutation.methods:Subterm",
        help="a part of each program gives way to a draw from the grammar",
    )
    register(
        "mutate",
        "crossover",
        "psynth_mutation.methods:Crossover",
        help="a part of each program gives way to a part of another",
    )

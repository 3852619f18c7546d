"""Registers the domain ``puzzles`` and the format ``p3``."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register


@hookimpl
def register_domains(register: Register) -> None:
    """Register ``psynth tasks puzzles``."""
    register(
        "puzzles",
        "psynth_puzzles.domain:Puzzles",
        help="puzzles that Python code states, for Python programs and λ-terms",
    )


@hookimpl
def register_formats(register: Register) -> None:
    """Register ``psynth import p3``."""
    register("p3", "psynth_puzzles.p3:P3", help="the Python Programming Puzzles (P3)")

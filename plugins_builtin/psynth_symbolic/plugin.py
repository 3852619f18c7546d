"""Registers the domain ``symbolic``."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register


@hookimpl
def register_domains(register: Register) -> None:
    """Register ``psynth tasks symbolic``."""
    register("symbolic", "psynth_symbolic.domain:Symbolic", help="formulas to find from points")

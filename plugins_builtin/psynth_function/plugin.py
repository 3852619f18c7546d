"""Registers the domain ``function``."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register


@hookimpl
def register_domains(register: Register) -> None:
    """Register ``psynth tasks function``."""
    register("function", "psynth_function.domain:Function", help="points where test functions are least")

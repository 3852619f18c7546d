"""Registers the domain ``list`` without importing it."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register


@hookimpl
def register_domains(register: Register) -> None:
    """Register the domain ``list``."""
    register("list", "psynth_list.domain:List", help="functions on lists of integers")

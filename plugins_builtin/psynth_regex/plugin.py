"""Registers the domain ``regex`` without importing it."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register


@hookimpl
def register_domains(register: Register) -> None:
    """Register the domain ``regex``."""
    register("regex", "psynth_regex.domain:Regex", help="string editing with regular expressions")

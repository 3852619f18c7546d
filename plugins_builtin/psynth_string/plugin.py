"""Registers the domain ``string``."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register


@hookimpl
def register_domains(register: Register) -> None:
    """Register ``psynth tasks string``."""
    register("string", "psynth_string.domain:String", help="words to match, one number for each letter")

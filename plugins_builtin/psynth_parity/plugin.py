"""Registers the domain ``parity``."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register


@hookimpl
def register_domains(register: Register) -> None:
    """Register ``psynth tasks parity``."""
    register(
        "parity", "psynth_parity.domain:Parity", help="Python programs for the parity of four bits, to be repaired"
    )

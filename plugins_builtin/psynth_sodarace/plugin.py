"""Registers the domain ``sodarace``."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register


@hookimpl
def register_domains(register: Register) -> None:
    """Register ``psynth tasks sodarace``."""
    register(
        "sodarace", "psynth_sodarace.domain:Sodarace", help="walkers of joints and muscles that move over a terrain"
    )

"""Registers the domain ``logo`` and the format ``drawings`` without importing them."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register


@hookimpl
def register_domains(register: Register) -> None:
    """Register the domain ``logo``."""
    register("logo", "psynth_logo.domain:Logo", help="drawings by a turtle")


@hookimpl
def register_formats(register: Register) -> None:
    """Register the format ``drawings``."""
    register(
        "drawings", "psynth_logo.drawings_format:Drawings", help="drawings for the domain logo, as pictures or programs"
    )

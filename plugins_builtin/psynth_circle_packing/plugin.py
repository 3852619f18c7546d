"""Registers the domain ``circle-packing``."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register


@hookimpl
def register_domains(register: Register) -> None:
    """Register ``psynth tasks circle-packing``."""
    register(
        "circle-packing",
        "psynth_circle_packing.domain:CirclePacking",
        help="circles in the unit square whose radii have the greatest sum",
    )

"""Registers the domain ``image``."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register


@hookimpl
def register_domains(register: Register) -> None:
    """Register ``psynth tasks image``."""
    register("image", "psynth_image.domain:Image", help="pictures of 32×32 pixels to draw")

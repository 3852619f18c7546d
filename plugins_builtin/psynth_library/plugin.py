"""Registers the compress method ``stitch``."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import RegisterMethod


@hookimpl
def register_methods(register: RegisterMethod) -> None:
    """Register ``psynth compress --method stitch``."""
    register("compress", "stitch", "psynth_library.stitch:Stitch", help="the abstractions of greatest utility")

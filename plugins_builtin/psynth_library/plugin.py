"""Registers the compress methods ``joint`` and ``stitch``."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import RegisterMethod


@hookimpl
def register_methods(register: RegisterMethod) -> None:
    """Register the methods of ``psynth compress``."""
    register("compress", "joint", "psynth_library.joint:Joint", help="the library of least description length")
    register("compress", "stitch", "psynth_library.stitch:Stitch", help="the abstractions of greatest utility")

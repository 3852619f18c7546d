"""Registers the methods ``joint`` and ``stitch`` of compress, and ``template`` of document."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import RegisterMethod


@hookimpl
def register_methods(register: RegisterMethod) -> None:
    """Register the methods of ``psynth compress`` and ``psynth document``."""
    register("compress", "joint", "psynth_library.joint:Joint", help="the library of least description length")
    register("compress", "stitch", "psynth_library.stitch:Stitch", help="the abstractions of greatest utility")
    register("document", "template", "psynth_library.template:Template", help="names and summaries from definitions")

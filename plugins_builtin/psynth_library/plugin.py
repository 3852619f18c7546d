"""Registers the method ``stitch`` of compress, and ``template`` of document."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import RegisterMethod


@hookimpl
def register_methods(register: RegisterMethod) -> None:
    """Register ``psynth compress --method stitch`` and ``psynth document --method template``."""
    register("compress", "stitch", "psynth_library.stitch:Stitch", help="the abstractions of greatest utility")
    register("document", "template", "psynth_library.template:Template", help="names and summaries from definitions")

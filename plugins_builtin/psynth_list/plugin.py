"""What psynth loads first: it says that the domain exists, and imports nothing of it."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register


@hookimpl
def register_domains(register: Register) -> None:
    """Register the domain ``list``."""
    register("list", "psynth_list.domain:List", help="functions on lists of integers")

"""What psynth loads first: it says that the domain exists, and imports nothing of it."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register


@hookimpl
def register_domains(register: Register) -> None:
    """Register the domain ``regex``."""
    register("regex", "psynth_regex.domain:Regex", help="string editing with regular expressions")

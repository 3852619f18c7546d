"""What psynth loads first: it says which formats there are, and imports none of them."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register


@hookimpl
def register_formats(register: Register) -> None:
    """Register the formats ``dreamcoder``, ``stitch`` and ``lilo``."""
    register("dreamcoder", "psynth_formats.dreamcoder:DreamCoder", help="DreamCoder's compressor files and list tasks")
    register("stitch", "psynth_formats.stitch:Stitch", help="Stitch's program lists and compression results")
    register("lilo", "psynth_formats.lilo:Lilo", help="LILO's frontiers, tasks and language files")

"""Registers the domain ``bin-packing``."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register


@hookimpl
def register_domains(register: Register) -> None:
    """Register ``psynth tasks bin-packing``."""
    register(
        "bin-packing",
        "psynth_bin_packing.domain:BinPacking",
        help="priorities that decide which bin an item goes into, as the items come",
    )

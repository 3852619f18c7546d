"""Registers the domain ``clevr`` and the format ``clevr`` without importing them."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register


@hookimpl
def register_domains(register: Register) -> None:
    """Register the domain ``clevr``."""
    register("clevr", "psynth_clevr.domain:Clevr", help="questions about scenes of simple objects")


@hookimpl
def register_formats(register: Register) -> None:
    """Register the format ``clevr``."""
    register("clevr", "psynth_clevr.clevr_format:ClevrFiles", help="question and scene files of the CLEVR data set")

"""Registers the domain ``openevolve`` and the format of the same name."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register


@hookimpl
def register_domains(register: Register) -> None:
    """Register ``psynth tasks openevolve``."""
    register(
        "openevolve", "psynth_openevolve.domain:OpenEvolve", help="programs that the evaluator of a task folder scores"
    )


@hookimpl
def register_formats(register: Register) -> None:
    """Register ``psynth import openevolve``."""
    register("openevolve", "psynth_openevolve.format:OpenEvolveFolder", help="a task folder of OpenEvolve")

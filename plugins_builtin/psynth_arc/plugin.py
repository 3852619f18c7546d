"""Registers the domain ``arc`` and the formats ``arc`` and ``arc-dsl`` without importing them."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register


@hookimpl
def register_domains(register: Register) -> None:
    """Register the domain ``arc``."""
    register("arc", "psynth_arc.domain:Arc", help="grids of colors: the tasks of ARC-AGI")


@hookimpl
def register_formats(register: Register) -> None:
    """Register the formats ``arc`` and ``arc-dsl``."""
    register("arc", "psynth_arc.task_files:TaskFiles", help="JSON task files of ARC-AGI and ConceptARC")
    register(
        "arc-dsl",
        "psynth_arc.program_files:ProgramFiles",
        help="programs of the domain arc as straight-line Python functions",
    )

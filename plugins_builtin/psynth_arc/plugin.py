"""Registers the domain ``arc``, its formats and its search without importing them."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register, RegisterMethod


@hookimpl
def register_domains(register: Register) -> None:
    """Register the domain ``arc``."""
    register("arc", "psynth_arc.domain:Arc", help="grids of colors: the tasks of ARC-AGI")


@hookimpl
def register_formats(register: Register) -> None:
    """Register the formats ``arc``, ``arc-dsl`` and ``codeit``."""
    register("arc", "psynth_arc.task_files:TaskFiles", help="JSON task files of ARC-AGI and ConceptARC")
    register(
        "arc-dsl",
        "psynth_arc.program_files:ProgramFiles",
        help="programs of the domain arc as straight-line Python functions",
    )
    register(
        "codeit", "psynth_arc.codeit_files:CodeItFiles", help="CodeIt's tasks, mutated tasks, samples and solutions"
    )


@hookimpl
def register_methods(register: RegisterMethod) -> None:
    """Register the search over grids."""
    register(
        "enumerate",
        "grid",
        "psynth_arc.grid_search:GridSearch",
        help="apply operations to grids, and lay the results over each other until they are the output (domain arc)",
    )

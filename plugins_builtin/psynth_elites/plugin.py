"""Registers the methods of ``psynth elites``."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import RegisterMethod


@hookimpl
def register_methods(register: RegisterMethod) -> None:
    """Register the methods of ``psynth elites``."""
    register(
        "elites",
        "archive",
        "psynth_elites.archive:KeepArchive",
        help="keep the best programs of a stream for each kind of behavior; choose parents",
    )
    register(
        "elites",
        "map-elites",
        "psynth_elites.methods:MapElites",
        help="evolve programs, and keep the best of each kind of behavior",
    )
    register("elites", "genetic", "psynth_elites.methods:Genetic", help="evolve a population of programs")
    register(
        "elites", "islands", "psynth_elites.methods:Islands", help="evolve archives apart that exchange their elites"
    )
    register("elites", "lineage", "psynth_elites.lineage:Lineage", help="write the ancestors of a program")

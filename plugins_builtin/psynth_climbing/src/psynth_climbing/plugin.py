"""Registers the cem-search methods ``hill-climb`` and ``scheduled``."""

from psynth.plugins import hookimpl


@hookimpl
def register_methods(register) -> None:
    """Register ``psynth cem-search --method hill-climb`` and ``--method scheduled``."""
    register(
        "cem-search",
        "hill-climb",
        "psynth_climbing.methods:HillClimb",
        help="the first better mutant, again and again, with restarts",
    )
    register(
        "cem-search",
        "scheduled",
        "psynth_climbing.methods:Scheduled",
        help="hill climbing whose neighbourhood grows by a schedule",
    )

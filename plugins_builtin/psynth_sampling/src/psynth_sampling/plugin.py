"""Registers what psynth_sampling offers."""

from psynth.plugins import hookimpl


@hookimpl
def register_methods(register) -> None:
    """Register the methods."""

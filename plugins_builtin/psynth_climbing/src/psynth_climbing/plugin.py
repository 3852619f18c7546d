"""Registers what psynth_climbing offers."""

from psynth.plugins import hookimpl


@hookimpl
def register_methods(register) -> None:
    """Register the methods."""

"""Registers the method of replay."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import RegisterMethod


@hookimpl
def register_methods(register: RegisterMethod) -> None:
    """Register ``psynth replay --method priority``."""
    register("replay", "priority", "psynth_replay.replay:Replay", help="draw by priority, without replacement")

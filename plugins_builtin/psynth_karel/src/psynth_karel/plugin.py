"""Registers the domain ``karel``."""

from psynth.plugins import hookimpl


@hookimpl
def register_domains(register) -> None:
    """Register ``psynth tasks karel``."""
    register("karel", "psynth_karel.domain:Karel", help="Karel the robot: ten tasks that reward a policy")

"""Registers the domain ``karel`` and the format of LEAPS' data set."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register


@hookimpl
def register_domains(register: Register) -> None:
    """Register ``psynth tasks karel``."""
    register("karel", "psynth_karel.domain:Karel", help="Karel the robot: ten tasks that reward a policy")


@hookimpl
def register_formats(register: Register) -> None:
    """Register ``psynth import leaps`` and ``psynth export leaps``."""
    register(
        "leaps", "psynth_karel.leaps_format:Leaps", help="LEAPS' data set of Karel programs with demonstrations (HDF5)"
    )

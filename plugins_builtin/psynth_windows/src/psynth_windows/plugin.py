"""Registers the enumerate method ``windows``."""

from psynth.plugins import hookimpl


@hookimpl
def register_methods(register) -> None:
    """Register ``psynth enumerate --method windows``."""
    register(
        "enumerate",
        "windows",
        "psynth_windows.windows:Windows",
        help="every program in order of cost, window by window",
    )

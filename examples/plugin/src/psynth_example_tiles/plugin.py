"""What psynth loads first: it says what there is and where, and imports none of it."""

from psynth.plugins import Register, RegisterMethod, hookimpl


@hookimpl
def register_domains(register: Register) -> None:
    """Register the domain ``tiles``."""
    register("tiles", "psynth_example_tiles.domain:Tiles", help="black-and-white tiles, drawn by programs")


@hookimpl
def register_methods(register: RegisterMethod) -> None:
    """Register ``psynth enumerate --method random``."""
    register("enumerate", "random", "psynth_example_tiles.method:Random", help="draw programs from the library")

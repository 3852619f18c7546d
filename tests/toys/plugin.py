"""Registers the toy domains."""

from psynth.plugins import Register, hookimpl


@hookimpl
def register_domains(register: Register) -> None:
    """Register a domain for each kind of programs and of judging that the built-in ones lack."""
    register("toy-source", "tests.toys.source:Source", help="functions of a number in Python source")
    register("toy-vectors", "tests.toys.source:Vectors", help="points in the plane, as JSON")
    register("toy-rewards", "tests.toys.rewards:Rewards", help="numbers that earn rewards")

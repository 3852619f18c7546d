"""A small typed domain without an engine, and a context that knows it, for tests of the formats."""

from typing import ClassVar

from psynth.core.stream.records import Library, Production
from psynth.plugins.domain import Domain
from psynth.plugins.method import Context
from psynth.plugins.registry import Registry

PRIMITIVES = {
    "zero": "nat",
    "next": "nat -> nat",
    "plus": "nat -> nat -> nat",
    "each": "(t0 -> t1) -> list(t0) -> list(t1)",
}


class Toy(Domain):
    """Natural numbers and lists of them."""

    name = "toy"
    help = "numbers"
    primitive_sets: ClassVar = {"base": "all", "more": "and nil"}

    def library(self, primitive_set=None):
        names = dict(PRIMITIVES) | ({"nil": "list(t0)"} if primitive_set == "more" else {})
        productions = tuple(Production(name=name, type=kind, log_weight=0.0) for name, kind in names.items())
        return Library(domain="toy", productions=productions, log_variable=0.0)

    def tasks(self, settings, seed):
        return iter(())

    def evaluator(self, library, budget):
        raise AssertionError("formats run nothing")


class ToyRegistry(Registry):
    """The installed plugins, and the domain ``toy``."""

    def domain(self, name):
        return Toy() if name == "toy" else super().domain(name)


def context(command: str = "import") -> Context:
    """Return a context whose registry knows the domain ``toy``."""
    return Context(command, registry=ToyRegistry())

"""Classes of instances with the distributions of the literature, and the generator of instances.

``or1`` to ``or4`` are those of Falkenauer's uniform classes in the OR-Library (1996); the Weibull classes are those on
which FunSearch (Romera-Paredes et al., Nature 2024) was tested. The instances are drawn anew from the seed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal, Self, TypeAlias

from psynth.core.errors import InputError
from psynth.core.seeds import generator
from psynth.core.stream.fields import INTEGER, TEXT, Fields, WrongField, field
from psynth.core.stream.records import Task

Part: TypeAlias = Literal["train", "test", "held out"]
"""What instances are drawn for: those of different parts have nothing in common but their distribution."""


@dataclass(frozen=True)
class Class:
    """A class of instances: items of integer sizes from ``least`` to ``most``, in bins of one capacity."""

    items: int
    capacity: int
    least: int
    most: int
    draw: Callable[[Random], float]
    instances: int
    """How many instances stand for the class, unless another number is asked for."""
    what: str

    def instance(self, rng: Random) -> list[int]:
        """The sizes of the items, in order."""
        return [min(max(round(self.draw(rng)), self.least), self.most) for _ in range(self.items)]


def _uniform(items: int) -> Class:
    return Class(items, 150, 20, 100, lambda rng: rng.randint(20, 100), 20, f"{items} items, uniform from 20 to 100")


def _weibull(items: int, instances: int) -> Class:
    what = f"{items} items, Weibull with shape 3 and scale 45"
    return Class(items, 100, 1, 100, lambda rng: rng.weibullvariate(45, 3), instances, what)


CLASSES: Mapping[str, Class] = {
    "or1": _uniform(120),
    "or2": _uniform(250),
    "or3": _uniform(500),
    "or4": _uniform(1000),
    "weibull-1k": _weibull(1000, 5),
    "weibull-5k": _weibull(5000, 5),
    "weibull-10k": _weibull(10_000, 5),
    "weibull-100k": _weibull(100_000, 1),
}
"""The classes by name."""
MOST = 1000
"""Instances of a task, at most."""


@dataclass(frozen=True, slots=True)
class Lot(Fields):
    """The ``environment`` of a task: the instances on which a priority is judged."""

    kind: str = field(TEXT, key="class")
    """The name of the class."""
    part: str = field(TEXT)
    """``train`` or ``test``."""
    seed: int = field(INTEGER)
    """The seed of the instances."""
    instances: int = field(INTEGER)
    """How many there are."""
    held_out: int = field(INTEGER, 0)
    """How many more of the class are held out."""

    @classmethod
    def of(cls, task: Task) -> Self:
        """The instances of a task; InputError names the field at fault."""
        try:
            found = cls.read_fields(task.environment or {})
        except WrongField as wrong:
            raise InputError(str(wrong.at(".environment")), task=task.id) from None
        if found.kind not in CLASSES:
            raise InputError(f"environment.class: expected one of {', '.join(CLASSES)}", task=task.id)
        if found.part not in ("train", "test"):
            raise InputError("environment.part: expected train or test", task=task.id)
        for name, count, least in (("instances", found.instances, 1), ("held_out", found.held_out, 0)):
            if not least <= count <= MOST:
                raise InputError(f"environment.{name}: expected {least} to {MOST}", task=task.id)
        return found

    @property
    def of_class(self) -> Class:
        """The class."""
        return CLASSES[self.kind]

    def shown(self) -> Sequence[Sequence[int]]:
        """The instances that count for the reward."""
        return drawn(self.kind, self.part, self.seed, self.instances)

    def hidden(self) -> Sequence[Sequence[int]]:
        """The instances that are held out."""
        return drawn(self.kind, "held out", self.seed, self.held_out)


@functools.lru_cache(maxsize=32)
def drawn(kind: str, part: str, seed: int, count: int) -> Sequence[Sequence[int]]:
    """Instances of a class: each depends on the class, the part, the seed and its number alone."""
    of_class = CLASSES[kind]
    return [of_class.instance(generator(seed, f"bin-packing {part}", f"{kind} {number}")) for number in range(count)]


def bound(items: Sequence[int], capacity: int) -> int:
    """The least number of bins that the sizes leave possible: their sum over the capacity, rounded up."""
    return -(-sum(items) // capacity)

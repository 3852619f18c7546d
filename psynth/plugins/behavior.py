"""The part of a domain that describes the behavior of programs by named axes, for quality-diversity search."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psynth.plugins.evaluator import Outcome


@dataclass(frozen=True, slots=True)
class Axis:
    """One dimension of behavior: its name, and the least and greatest value expected on it."""

    name: str
    low: float
    high: float


class Behavior(ABC):
    """A space of behaviors. ``axes`` are its dimensions, in the order of a descriptor's numbers."""

    axes: tuple[Axis, ...]

    @abstractmethod
    def of(self, outcomes: Sequence[Outcome]) -> tuple[float, ...] | None:
        """The descriptor of a program from its outcomes on a task: one number per axis; None if it did nothing."""

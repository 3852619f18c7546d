"""Neighborhoods for local search: programs sampled from the grammar, their mutants, and their gains."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from psynth.core.closing import Closing


@dataclass(frozen=True, slots=True)
class Candidate:
    """A program with its gain."""

    program: str
    gain: float
    """The mean reward if the task has rewards, else the score from 0 to 1."""
    solved: bool = False
    """Whether the domain considers the program optimal, which is possible without a known ceiling."""


@dataclass(frozen=True, slots=True)
class Step:
    """The result of examining the neighbors of a candidate."""

    candidate: Candidate | None
    """The first better neighbor (after a drift, of the program that replaced the candidate); None if there is none."""
    evaluations: int
    """Neighbors examined, including the better one."""
    run: int
    """Examined neighbors that were actually run; programs equivalent to an earlier one need not be."""


class Neighborhood(Closing):
    """The programs of one task in one library; a context manager, since it may hold an engine.

    Results depend only on the arguments: the same seeds give the same candidates, whatever the earlier calls and the
    number of threads.
    """

    ceiling: float
    """The greatest gain of any program; infinite if unknown."""

    def close(self) -> None:
        """Release all engines."""

    def cancel(self) -> None:
        """End, from another thread, the current and all later calls with ``Canceled``; by default without effect."""

    @abstractmethod
    def judge(self, programs: Sequence[str]) -> list[Candidate]:
        """Evaluate programs as starting points; one that cannot be run has a gain of −infinity."""

    @abstractmethod
    def draw(self, count: int, seed: int) -> list[Candidate]:
        """Sample ``count`` programs from the grammar and evaluate them; ``seed`` has 63 bits."""

    @abstractmethod
    def step(self, candidate: Candidate, most: int, seed: int, *, drift: bool = False) -> Step:
        """Examine up to ``most`` mutants of a candidate in order, and stop at the first that is better.

        With ``drift`` a mutant with equal gain replaces the candidate: later mutants are mutants of it.
        """

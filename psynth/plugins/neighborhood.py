"""Local search's view of a task: programs drawn from the grammar, their neighbors by mutation, and what they earn."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Candidate:
    """A program with its gain: its mean reward where the task gives rewards, else its score from 0 to 1.

    ``solved`` is set where the domain says that nothing is better, though no greatest gain need be known.
    """

    program: str
    gain: float
    solved: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a look around a candidate.

    ``candidate`` is the first neighbor that is better, None if there is none. After a drift it is a neighbor of where
    that had come to. ``evaluations`` counts the neighbors examined, up to and with that one; ``run`` those of them
    that were run at all: a program equivalent to one seen before need not be.
    """

    candidate: Candidate | None
    evaluations: int
    run: int


class Neighborhood(ABC):
    """The programs of one task in one library; a context manager, since it may hold an engine.

    Everything is a function of its arguments: the same seeds give the same candidates, whatever came before and however
    many threads work. ``ceiling`` is the greatest gain that any program can have, infinite where that is not known.
    """

    ceiling: float

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:  # noqa: B027 - one without an engine has nothing to let go
        """Let go of whatever it holds."""

    @abstractmethod
    def judge(self, programs: Sequence[str]) -> list[Candidate]:
        """Evaluate given programs, as starting points; one that cannot be run has a gain of −infinity."""

    @abstractmethod
    def draw(self, count: int, seed: int) -> list[Candidate]:
        """Draw ``count`` programs from the grammar and evaluate them; ``seed`` has 63 bits."""

    @abstractmethod
    def step(self, candidate: Candidate, most: int, seed: int, *, drift: bool = False) -> Step:
        """Examine up to ``most`` mutants of a candidate in order, and stop at the first that is better.

        With ``drift`` a mutant that is as good takes the candidate's place at once: those after it are mutants of it.
        """

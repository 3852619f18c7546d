"""One hill-climbing search: move from a program to better neighbors, and restart if there are none."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from psynth.core.limits import ROUNDING
from psynth.core.seeds import stable_hash
from psynth.core.work import Stop
from psynth.plugins.neighborhood import Candidate, Neighborhood


@dataclass(frozen=True, slots=True)
class Plan:
    """The parameters of a hill-climbing search.

    ``width`` maps the number of mutants examined so far to the number to examine before a candidate counts as a local
    optimum. With ``drift``, equally good neighbors are accepted too. The search ends at the gain ``target`` or after
    ``seconds`` of wall-clock time; ``keep`` is the number of best candidates to remember.
    """

    width: Callable[[int], int]
    evaluations: int
    drift: bool = False
    seconds: float | None = None
    target: float = math.inf
    keep: int = 1


@dataclass
class Climb:
    """A running search. ``starts`` are the first programs to start from; later ones are sampled from the grammar."""

    neighborhood: Neighborhood
    plan: Plan
    seed: int
    starts: Sequence[str] = ()
    stop: Stop = field(default_factory=Stop)
    """Set by another thread to end the search."""
    evaluations: int = 0
    run: int = 0
    """Programs run: those examined, except programs equivalent to an earlier one."""
    restarts: int = 0
    kept: list[Candidate] = field(default_factory=list)
    """The best candidates so far, best first."""

    def __post_init__(self) -> None:
        self._target = min(self.plan.target, self.neighborhood.ceiling) - ROUNDING
        self._deadline = math.inf if self.plan.seconds is None else time.monotonic() + self.plan.seconds
        self._numbers = count()

    @property
    def best(self) -> Candidate | None:
        """The best candidate found so far."""
        return self.kept[0] if self.kept else None

    @property
    def is_solved(self) -> bool:
        """Whether the best candidate reaches the target or cannot be improved."""
        return self.best is not None and (self.best.solved or self.best.gain >= self._target)

    def improvements(self) -> Iterator[Candidate]:
        """Yield each candidate that is the best so far."""
        for start in self._starting_points():
            yield from self._climb_from(start)
            if self._is_over():
                return
            self.restarts += 1

    def _starting_points(self) -> Iterator[Candidate]:
        for candidate in self.neighborhood.judge(self.starts) if self.starts else ():
            self._count(1, 1)
            if candidate.gain > -math.inf:
                yield candidate
        while True:
            [candidate] = self.neighborhood.draw(1, self._next_seed())
            self._count(1, 1)
            yield candidate

    def _climb_from(self, candidate: Candidate) -> Iterator[Candidate]:
        while True:
            if self._note(candidate):
                yield candidate
            if self._is_over():
                return
            most = min(self.plan.width(self.evaluations), self.plan.evaluations - self.evaluations)
            step = self.neighborhood.step(candidate, most, self._next_seed(), drift=self.plan.drift)
            self._count(step.evaluations, step.run)
            if step.candidate is None:
                return
            candidate = step.candidate

    def _note(self, candidate: Candidate) -> bool:
        """Keep a candidate if it is among the best, and return whether it is the best."""
        if any(candidate.program == other.program for other in self.kept):
            return False
        is_best = self.best is None or candidate.gain > self.best.gain
        if len(self.kept) < self.plan.keep or candidate.gain > self.kept[-1].gain:
            self.kept.append(candidate)
            self.kept.sort(key=lambda each: -each.gain)
            del self.kept[self.plan.keep :]
        return is_best

    def _count(self, evaluations: int, run: int) -> None:
        self.evaluations += evaluations
        self.run += run

    def _next_seed(self) -> int:
        return stable_hash(self.seed, next(self._numbers)) >> 1

    def _is_over(self) -> bool:
        return (
            self.is_solved
            or self.stop.is_set()
            or self.evaluations >= self.plan.evaluations
            or time.monotonic() >= self._deadline
        )

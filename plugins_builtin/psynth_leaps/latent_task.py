"""The search of one task in a latent space: programs are decoded and judged, each distinct one once."""

from __future__ import annotations

import math
import time
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from psynth.core.errors import InputError
from psynth.core.seeds import stable_hash
from psynth.core.stream.records import Program
from psynth.plugins.evaluator import Budget, Evaluator
from psynth.plugins.search import Problem, SearchResult, SearchStatus
from psynth.plugins.task_search import TaskSearch
from psynth.plugins.visible_task import VisibleTask

if TYPE_CHECKING:
    from psynth.learning.model_folder import ModelFolder
    from psynth_leaps.latent_space import LatentSpace

ROUNDING = 1e-9
"""Maximum rounding error of a mean of rewards."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a search: programs decoded, seconds (wall clock), target gain, and programs to ``keep``."""

    evaluations: int
    seconds: float | None
    target: float | None
    keep: int


@dataclass
class Scores:
    """The gain of every program decoded so far: its reward, or its score if the task has no rewards."""

    evaluator: Evaluator
    task: VisibleTask
    known: dict[str, float] = field(default_factory=dict)
    solved: bool = False

    def __call__(self, programs: list[str]) -> Any:
        """The gains of programs (a numpy array), −∞ for a program that cannot be run."""
        new = [program for program in dict.fromkeys(programs) if program not in self.known]
        [verdicts] = self.evaluator.judge([(self.task, new)]) if new else [[]]
        for program, verdict in zip(new, verdicts, strict=True):
            self.known[program] = verdict.gain
            self.solved = self.solved or verdict.solved
        return np.array([self.known[program] for program in programs])

    def best(self, count: int) -> list[str]:
        """The best programs that can be run, best first, with ties shortest first."""
        able = [program for program, gain in self.known.items() if gain > -math.inf]
        return sorted(able, key=lambda each: (-self.known[each], len(each), each))[:count]


@dataclass
class LatentSearch(TaskSearch):
    """The search of one task in the latent space of the model in ``folder``."""

    problem: Problem
    folder: ModelFolder
    limits: Limits
    restarts: int
    _scores: Scores | None = field(default=None, init=False)
    evaluations: int = field(default=0, init=False)

    def improvements(self) -> Iterator[tuple[int, float]]:
        """Yield the improvements of all runs, one run after the other."""
        from psynth_leaps.latent_space import latent_space

        space, problem = latent_space(self.folder), self.problem
        if space.domain != problem.task.domain or space.request != problem.task.request:
            raise InputError(
                f"the model {self.folder.path} is for {space.domain} programs of type {space.request}, "
                f"not for {problem.task.domain} programs of type {problem.task.request}"
            )
        unknown = set(space.language.names) - {production.name for production in problem.library.productions}
        if unknown:
            raise InputError(
                f"the model {self.folder.path} uses {', '.join(sorted(unknown))}, "
                "which the library before the task lacks"
            )
        self._deadline = math.inf if self.limits.seconds is None else time.monotonic() + self.limits.seconds
        best = -math.inf
        with problem.domain.evaluator(problem.library, Budget(), engines=problem.engines) as evaluator:
            self._scores = Scores(evaluator, problem.task)
            for run in range(self.restarts + 1):
                rng = np.random.default_rng(stable_hash(problem.seed, run))
                for gains in self.generations(space, rng):
                    if gains.max() > best:
                        best = float(gains.max())
                        yield self.evaluations, best
                    if self._is_over(best):
                        return

    @abstractmethod
    def generations(self, space: LatentSpace, rng: np.random.Generator) -> Iterator[Any]:
        """Run once, and yield the gains of each generation of decoded programs."""

    def scored(self, space: LatentSpace, vectors: Any) -> tuple[list[str], Any]:
        """The programs of vectors and their gains."""
        assert self._scores is not None
        left = max(1, self.limits.evaluations - self.evaluations)
        programs = space.decode(vectors)
        gains = self._scores(programs[:left])
        self.evaluations += len(gains)
        return programs[:left], gains

    def found(self) -> SearchResult:
        """The best programs that were decoded."""
        scores = self._scores
        best = [] if scores is None else scores.best(self.limits.keep)
        if scores is None or not best:
            return SearchResult((), self.evaluations, "budget")
        gain = scores.known[best[0]]
        status: SearchStatus = "solved" if self._is_solved(gain) else "budget"
        return SearchResult([Program(each) for each in best], self.evaluations, status, gain)

    @property
    def best(self) -> str | None:
        """The best program decoded so far."""
        return None if self._scores is None else next(iter(self._scores.best(1)), None)

    def _is_solved(self, best: float) -> bool:
        target = self.limits.target
        solved = self._scores is not None and self._scores.solved
        return solved if target is None else solved or best >= target - ROUNDING

    def _is_over(self, best: float) -> bool:
        return (
            self._is_solved(best)
            or self.problem.stop.is_set()
            or self.evaluations >= self.limits.evaluations
            or time.monotonic() >= self._deadline
        )

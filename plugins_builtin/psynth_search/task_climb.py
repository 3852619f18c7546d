"""Hill climbing for one task: its neighborhood, its progress and its result."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator

from psynth.core.stream.records import Program
from psynth.core.work import Canceled, canceling
from psynth.plugins.neighborhood import Candidate, Neighborhood
from psynth.plugins.neighborhoods import neighborhood_of
from psynth.plugins.search import Problem, SearchResult
from psynth.plugins.task_search import TaskSearch
from psynth_search.climb import Climb, Plan
from psynth_search.shortening import shorten


class TaskClimb(TaskSearch):
    """The search for one task.

    With ``from_programs`` it starts from the frontier's own programs; with ``shorten`` it simplifies those found.
    """

    def __init__(
        self, problem: Problem, plan: Plan, max_size: int | None, *, from_programs: bool, shorten: bool
    ) -> None:
        super().__init__(problem)
        self._plan, self._max_size = plan, max_size
        self._starts = problem.starts if from_programs else ()
        self._shorten = shorten
        self._climb: Climb | None = None
        self._best: list[Candidate] | None = None
        self._shortening = 0

    def improvements(self) -> Iterator[tuple[int, float]]:
        """Run the search, and yield (programs tried, gain) at each improvement."""
        problem = self.problem
        with (
            self._neighborhood() as neighborhood,
            canceling(neighborhood.cancel, problem.stop, self._plan.seconds),
            contextlib.suppress(Canceled),
        ):
            climb = self._climb = Climb(neighborhood, self._plan, problem.seed, self._starts, problem.stop)
            for candidate in climb.improvements():
                yield climb.evaluations, candidate.gain
            if not problem.stop.is_set():
                self._best = list(self._shortened(neighborhood, climb))

    @property
    def best(self) -> str | None:
        """The best program so far."""
        best = None if self._climb is None else self._climb.best
        return None if best is None else best.program

    def _neighborhood(self) -> Neighborhood:
        problem = self.problem
        return neighborhood_of(
            problem.domain,
            problem.library,
            problem.task,
            max_size=self._max_size,
            weights=problem.weights,
            engines=problem.engines,
            threads=problem.threads,
            warn=problem.warn,
        )

    def _shortened(self, neighborhood: Neighborhood, climb: Climb) -> Iterator[Candidate]:
        """Yield the kept candidates that can be run, each simplified if requested."""
        for candidate in climb.kept:
            if candidate.gain > -math.inf:
                if self._shorten:
                    candidate, judged = shorten(neighborhood, candidate)
                    self._shortening += judged
                yield candidate

    def found(self) -> SearchResult:
        """The best programs found."""
        climb = self._climb
        if climb is None:
            return SearchResult((), 0, "budget")
        done = self._best is not None or not self.problem.stop.is_set()
        best = self._best if self._best is not None else [each for each in climb.kept if each.gain > -math.inf]
        texts = dict.fromkeys(candidate.program for candidate in best)
        return SearchResult(
            programs=[Program(text) for text in texts],
            tried=climb.evaluations + self._shortening,
            status="solved" if done and climb.is_solved else "budget",
            gain=max((candidate.gain for candidate in best), default=None),
        )

"""The climb for one frontier's task: the neighborhood it goes through, and what it leaves in the stream."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from psynth.plugins.domain import Domain
from psynth.plugins.lambda_neighborhood import LambdaNeighborhood
from psynth.plugins.neighborhood import Candidate, Neighborhood
from psynth.plugins.task_search import Found, TaskSearch
from psynth_search.climb import Climb, Plan
from psynth_search.shortening import shorten


@dataclass
class TaskClimb(TaskSearch):
    """One task's climb.

    ``from_programs`` says whether it begins with the frontier's own programs, ``shorten`` whether what does nothing is
    taken out of those it ends with.
    """

    plan: Plan
    max_size: int | None
    from_programs: bool
    shorten: bool
    _climb: Climb | None = field(default=None, init=False)
    _best: list[Candidate] | None = field(default=None, init=False)
    _shortening: int = field(default=0, init=False)
    """Programs judged to shorten others."""

    def improvements(self, domain: Domain, threads: int) -> Iterator[tuple[int, float]]:
        """Climb."""
        with self._neighborhood(domain, threads) as neighborhood:
            starts = [each.program for each in self.frontier.programs if each.language != "python"]
            climb = Climb(neighborhood, self.plan, self.seed, starts if self.from_programs else (), self.stop)
            self._climb = climb
            for candidate in climb.improvements():
                yield climb.evaluations, candidate.gain
            if not self.stop.is_set():
                self._best = list(self._shortened(neighborhood, climb))

    def _shortened(self, neighborhood: Neighborhood, climb: Climb) -> Iterator[Candidate]:
        """The kept candidates that can be run, each shortened if that is asked for."""
        for candidate in climb.kept:
            if candidate.gain > -math.inf:
                if self.shorten:
                    candidate, judged = shorten(neighborhood, candidate)
                    self._shortening += judged
                yield candidate

    def found(self) -> Found:
        """The best programs that the climb met."""
        climb = self._climb
        if climb is None:
            return Found((), None, 0, "budget")
        done = self._best is not None
        best = self._best if self._best is not None else [each for each in climb.kept if each.gain > -math.inf]
        programs = list(dict.fromkeys(candidate.program for candidate in best))
        gain = max((candidate.gain for candidate in best), default=None)
        status = "solved" if done and climb.is_solved else "budget"
        return Found(programs, gain, climb.evaluations + self._shortening, status)

    def _neighborhood(self, domain: Domain, threads: int) -> Neighborhood:
        task = domain.visible(self.task)
        fast = domain.neighborhood(self.library, task, max_size=self.max_size, threads=threads)
        if fast is not None:
            return fast
        if type(domain).neighborhood is not Domain.neighborhood:
            self.context.warn(
                f"{domain.name} cannot mutate in this library by itself; the λ-machine does it, which takes longer"
            )
        return LambdaNeighborhood(domain, self.library, task, max_size=self.max_size)

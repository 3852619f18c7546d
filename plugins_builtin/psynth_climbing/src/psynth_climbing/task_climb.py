"""The climb for one frontier's task: the neighbourhood it goes through, and what it leaves in the stream."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from psynth.plugins.lambda_neighbourhood import LambdaNeighbourhood

from psynth.plugins.domain import Domain
from psynth.plugins.neighbourhood import Neighbourhood
from psynth.plugins.task_search import Found, TaskSearch
from psynth_climbing.climb import Climb, Plan


@dataclass
class TaskClimb(TaskSearch):
    """One task's climb; ``from_programs`` says whether it begins with the frontier's own programs."""

    plan: Plan
    max_size: int | None
    from_programs: bool
    _climb: Climb | None = field(default=None, init=False)

    def improvements(self, domain: Domain, threads: int) -> Iterator[tuple[int, float]]:
        """Climb."""
        with self._neighbourhood(domain, threads) as neighbourhood:
            starts = [each.program for each in self.frontier.programs if each.language != "python"]
            climb = Climb(neighbourhood, self.plan, self.seed, starts if self.from_programs else (), self.stop)
            self._climb = climb
            for candidate in climb.improvements():
                yield climb.evaluations, candidate.gain

    def found(self) -> Found:
        """The best programs that the climb met."""
        climb = self._climb
        if climb is None:
            return Found((), None, 0, "budget")
        programs = [candidate.program for candidate in climb.kept if candidate.gain > -math.inf]
        gain = climb.best.gain if programs and climb.best is not None else None
        return Found(programs, gain, climb.evaluations, "solved" if climb.is_solved else "budget")

    def _neighbourhood(self, domain: Domain, threads: int) -> Neighbourhood:
        task = domain.visible(self.task)
        fast = domain.neighbourhood(self.library, task, max_size=self.max_size, threads=threads)
        if fast is not None:
            return fast
        if type(domain).neighbourhood is not Domain.neighbourhood:
            self.context.warn(
                f"{domain.name} cannot mutate in this library by itself; the λ-machine does it, which takes longer"
            )
        return LambdaNeighbourhood(domain, self.library, task, max_size=self.max_size)

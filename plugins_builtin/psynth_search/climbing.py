"""The methods ``hill-climb`` and ``scheduled``, which write the best programs found for each frontier."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from psynth.core.limits import LARGEST
from psynth.core.settings import setting
from psynth.plugins.search import Problem
from psynth.plugins.task_search import TaskSearchMethod
from psynth_search import widths
from psynth_search.climb import Plan
from psynth_search.task_climb import TaskClimb


@dataclass(frozen=True)
class Climbing(TaskSearchMethod):
    """The base of both methods: starting programs, accepted steps, and simplification of the programs found."""

    max_size: int | None = setting(
        None,
        minimum=1,
        maximum=1000,
        unit="nodes",
        help="maximum size of a program's λ-term (default: the domain's own limit)",
    )
    drift: bool = setting(True, help="also accept mutants with equal reward")
    start: str = setting(
        "programs",
        choices=("programs", "grammar"),
        help="start from the frontier's programs, then from random ones; or only from random ones",
    )
    shorten: bool = setting(
        True,
        help="simplify the programs found while their reward stays the same (extra evaluations, not counted in the "
        "budget)",
    )

    @abstractmethod
    def width(self) -> Callable[[int], int]:
        """The number of mutants to examine before restarting, given the number of programs examined so far."""

    def plan(self) -> Plan:
        """The search parameters that the settings define."""
        return Plan(
            width=self.width(),
            evaluations=self.max_evaluations,
            drift=self.drift,
            seconds=self.timeout,
            target=math.inf if self.target is None else self.target,
            keep=self.max_frontier,
        )

    def search(self, problem: Problem) -> TaskClimb:
        """The search for one task."""
        from_programs = self.start == "programs"
        return TaskClimb(problem, self.plan(), self.max_size, from_programs=from_programs, shorten=self.shorten)


@dataclass(frozen=True)
class HillClimb(Climbing):
    """Move to the first better neighbor, again and again; restart with another program if there is none.

    A neighbor is a mutant: a node of the program, all with equal probability, is replaced by a sample from the
    library's grammar. The method works on every domain: if a task has no reward, it maximizes the score. Metric records
    before each frontier give the progress of the best reward; the rewards of the programs are from a separate
    evaluation, also on held-out instances. With --no-drift --neighbors 250 --no-shorten this is the search of Carvalho
    et al. (ICLR 2024); accepting mutants with equal reward crosses plateaus at which their search ends.
    """

    name: ClassVar[str] = "hill-climb"

    neighbors: int = setting(
        4000,
        minimum=1,
        maximum=LARGEST,
        unit="mutants",
        help="restart after this many mutants without improvement",
    )

    def width(self) -> Callable[[int], int]:
        """A constant width."""
        return widths.constant(self.neighbors)


@dataclass(frozen=True)
class Scheduled(Climbing):
    """Search as hill-climb does, with a neighborhood that grows during the search.

    Early climbs restart soon; later ones examine more neighbors. The schedule is that of LLM-GS (Liu et al., ICLR
    2025): the logarithm of the number of neighbors follows half a sine of the logarithm of the number of programs
    examined. With --start programs the search starts from the frontier's programs, whatever their source, as LLM-GS
    starts from those of a language model.
    """

    name: ClassVar[str] = "scheduled"

    first_neighbors: int = setting(
        32,
        minimum=1,
        maximum=LARGEST,
        unit="mutants",
        help="as --neighbors of hill-climb, at the beginning",
    )
    last_neighbors: int = setting(
        2048,
        minimum=1,
        maximum=LARGEST,
        unit="mutants",
        help="as --neighbors of hill-climb, at the end of the budget",
    )

    def width(self) -> Callable[[int], int]:
        """A width whose logarithm grows along half a sine."""
        return widths.sine_ramp(self.first_neighbors, self.last_neighbors, self.max_evaluations)

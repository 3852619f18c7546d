"""The methods ``hill-climb`` and ``scheduled``: each frontier comes out with the best programs that a climb met."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from psynth.core.limits import LARGEST
from psynth.core.settings import setting
from psynth.plugins.search import Problem, TaskSearchMethod
from psynth_search import widths
from psynth_search.climb import Plan
from psynth_search.task_climb import TaskClimb


@dataclass(frozen=True)
class Climbing(TaskSearchMethod):
    """What both methods share: where a climb begins, what a step may be, and what is done with what was found."""

    max_size: int | None = setting(
        None,
        minimum=1,
        maximum=1000,
        unit="nodes",
        help="nodes of a program's λ-term at most; if not given, what the domain's own searches allow",
    )
    drift: bool = setting(
        True, help="go on from a mutant that earns only as much, too; without, only from one that earns more"
    )
    start: str = setting(
        "programs",
        choices=("programs", "grammar"),
        help="climb from the frontier's programs first, then from drawn ones; or from drawn ones only",
    )
    shorten: bool = setting(
        True,
        help="take out of what was found all that it earns as much without; its evaluations and its time come on top",
    )

    @abstractmethod
    def width(self) -> Callable[[int], int]:
        """How many mutants to examine before restarting, by how many programs were examined in all."""

    def plan(self) -> Plan:
        """The settings as the search takes them."""
        return Plan(
            width=self.width(),
            evaluations=self.max_evaluations,
            drift=self.drift,
            seconds=self.timeout,
            target=math.inf if self.target is None else self.target,
            keep=self.max_frontier,
        )

    def search(self, problem: Problem) -> TaskClimb:
        """The climb for one task."""
        from_programs = self.start == "programs"
        return TaskClimb(problem, self.plan(), self.max_size, from_programs=from_programs, shorten=self.shorten)


@dataclass(frozen=True)
class HillClimb(Climbing):
    """Climb to the first better neighbor, again and again; where there is none begin anew with another program.

    A neighbor is a mutant: a node of the program, every one equally likely, is replaced by a draw from the library's
    grammar. Works on every domain: where a task has no rewards the score is climbed. Metric records before each
    frontier tell how the best reward grew; the programs' own rewards come from another evaluation, also on what is held
    out. With --no-drift --neighbors 250 --no-shorten it is the search of Carvalho et al. (ICLR 2024); drifting to
    mutants that earn as much crosses plateaus that end theirs.
    """

    name: ClassVar[str] = "hill-climb"

    neighbors: int = setting(
        4000,
        minimum=1,
        maximum=LARGEST,
        unit="mutants",
        help="mutants to examine since the last that earned more before beginning anew",
    )

    def width(self) -> Callable[[int], int]:
        """The same at all times."""
        return widths.constant(self.neighbors)


@dataclass(frozen=True)
class Scheduled(Climbing):
    """Climb as hill-climb does, with a neighborhood that grows as the search goes on.

    While much of the budget is left a climb is given up soon and another begun; later climbs look around thoroughly.
    The schedule is that of LLM-GS (Liu et al., ICLR 2025): the logarithm of the number of neighbors follows half a
    sine of the logarithm of the number of programs examined. With --start programs it climbs from the frontier's
    programs first, whoever wrote them, as LLM-GS climbs from a language model's.
    """

    name: ClassVar[str] = "scheduled"

    first_neighbors: int = setting(
        32, minimum=1, maximum=LARGEST, unit="mutants", help="mutants to examine at the beginning"
    )
    last_neighbors: int = setting(
        2048, minimum=1, maximum=LARGEST, unit="mutants", help="mutants to examine when the budget is nearly spent"
    )

    def width(self) -> Callable[[int], int]:
        """Growing by half a sine of the logarithm."""
        return widths.sine_ramp(self.first_neighbors, self.last_neighbors, self.max_evaluations)

"""The methods ``hill-climb`` and ``scheduled``: each frontier comes out with the best programs that a climb met."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from psynth.core.limits import LARGEST
from psynth.core.records import Frontier, Library, Record
from psynth.plugins.method import Context, Method
from psynth.plugins.settings import setting
from psynth.plugins.task_search import TaskSearch, in_order
from psynth_climbing import widths
from psynth_climbing.climb import Plan
from psynth_climbing.task_climb import TaskClimb


@dataclass(frozen=True)
class Climbing(Method):
    """What both methods share: budgets, starting points and what is kept."""

    resumable: ClassVar[bool] = True
    name: ClassVar[str]

    max_evaluations: int = setting(
        100_000, minimum=1, maximum=LARGEST, unit="programs", help="programs examined for a task, starts and mutants"
    )
    timeout: float | None = setting(
        None, minimum=0, unit="seconds", help="stop a task's search after this long (wall clock)"
    )
    target: float | None = setting(
        None, help="stop at this reward (or score, where a task has examples); the greatest possible if not given"
    )
    max_frontier: int = setting(5, minimum=1, maximum=LARGEST, unit="programs", help="best programs to keep for a task")
    max_size: int | None = setting(
        None,
        minimum=1,
        maximum=LARGEST,
        unit="nodes",
        help="nodes of a program's λ-term at most; if not given, what the domain's own searches allow",
    )
    sideways: int = setting(
        0, minimum=0, maximum=LARGEST, unit="steps", help="steps in a row to neighbours that are only as good"
    )
    start: str = setting(
        "programs",
        choices=("programs", "grammar"),
        help="climb from the frontier's programs first, then from drawn ones; or from drawn ones only",
    )

    shorten: bool = setting(
        True, help="take out of what was found all that it earns as much without; its evaluations come on top"
    )

    @abstractmethod
    def width(self) -> Callable[[int], int]:
        """How many mutants to examine before restarting, by how many programs were examined in all."""

    def plan(self) -> Plan:
        """The settings as the search takes them."""
        target = {} if self.target is None else {"target": self.target}
        return Plan(self.width(), self.max_evaluations, self.sideways, self.timeout, **target, keep=self.max_frontier)

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records in order; before each frontier stand the metrics of its search."""
        yield from in_order(self._jobs(records, context), context)

    def _jobs(self, records: Iterator[Record], context: Context) -> Iterator[Record | TaskSearch]:
        libraries: dict[str, Library] = {}
        for record in records:
            if isinstance(record, Library):
                libraries[record.domain] = record
            if isinstance(record, Frontier) and record.task is not None:
                library = libraries.get(record.task.domain) or context.library_for(record.task.domain)
                starts = self.start == "programs"
                yield TaskClimb(record, library, context, self.name, self.plan(), self.max_size, starts, self.shorten)
            else:
                yield record


@dataclass(frozen=True)
class HillClimb(Climbing):
    """Climb to the first better neighbour, again and again; where there is none begin anew with another program.

    A neighbour is a mutant: a node of the program, every one equally likely, is replaced by a draw from the library's
    grammar. This is the search in program space that Carvalho et al. (ICLR 2024) compare with latent search. Works on
    every domain: where a task has no rewards the score is climbed. Metric records before each frontier tell how the
    best reward grew; the programs' own rewards come from another evaluation, also on what is held out.
    """

    name: ClassVar[str] = "hill-climb"

    neighbours: int = setting(
        250, minimum=1, maximum=LARGEST, unit="mutants", help="mutants to examine before beginning anew"
    )

    def width(self) -> Callable[[int], int]:
        """The same at all times."""
        return widths.constant(self.neighbours)


@dataclass(frozen=True)
class Scheduled(Climbing):
    """Climb as hill-climb does, with a neighbourhood that grows as the search goes on.

    While much of the budget is left a climb is given up soon and another begun; later climbs look around thoroughly.
    The schedule is that of LLM-GS (Liu et al., ICLR 2025): the logarithm of the number of neighbours follows half a
    sine of the logarithm of the number of programs examined. With --start programs it climbs from the frontier's
    programs first, whoever wrote them, as LLM-GS climbs from a language model's.
    """

    name: ClassVar[str] = "scheduled"

    first_neighbours: int = setting(
        32, minimum=1, maximum=LARGEST, unit="mutants", help="mutants to examine at the beginning"
    )
    last_neighbours: int = setting(
        2048, minimum=1, maximum=LARGEST, unit="mutants", help="mutants to examine when the budget is nearly spent"
    )

    def width(self) -> Callable[[int], int]:
        """Growing by half a sine of the logarithm."""
        return widths.sine_ramp(self.first_neighbours, self.last_neighbours, self.max_evaluations)

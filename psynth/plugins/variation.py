"""The base of methods of ``psynth mutate`` that replace the programs of each frontier by mutants of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from psynth.core.errors import InputError
from psynth.core.seeds import derive, stable_hash
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Program, Record, quality
from psynth.core.stream.resuming import could_come_from, parents_of
from psynth.core.wording import counted
from psynth.plugins.method import TASKS, Context, Method

ROUNDS = 10
"""Number of attempts to complete a program's mutants if they must be distinct."""


@dataclass(eq=False)
class Parent:
    """A program to mutate, and its ``mutants``.

    ``seed`` has 62 bits. ``none`` gives the reason if there are no mutants; ``wrong`` is set if the program itself is
    invalid.
    """

    program: Program
    seed: int
    mutants: list[Program] = field(default_factory=list)
    none: str | None = None
    wrong: str | None = None


P = TypeVar("P", bound=Parent, covariant=True)


@dataclass
class Work(Generic[P]):
    """A frontier with its programs as parents; ``wrong`` is set if none of them can be mutated."""

    frontier: Frontier
    parents: list[P]
    wrong: InputError | None = None


def seeds_of(frontier: Frontier, context: Context) -> list[int]:
    """The seed of each program: it depends on the task and the program's text; without a task, on its text alone."""
    seed = derive(context.seed, context.command, "" if frontier.task is None else frontier.task.id)
    return [stable_hash(seed, each.program) >> 2 for each in frontier.programs]


@dataclass
class Known:
    """Programs that a mutant must not duplicate."""

    programs: set[str] = field(default_factory=set)

    def add(self, program: str) -> bool:
        """Add a program, and return whether it is new."""
        before = len(self.programs)
        self.programs.add(program)
        return len(self.programs) > before


@dataclass(frozen=True)
class Variation(Method):
    """The settings and the loop of such a method; a subclass yields the frontiers with the mutants of their programs.

    Mutant n of a program depends on the program's seed and n alone, so that a larger count extends a smaller one.
    """

    random = True

    count: int = setting(1, minimum=1, maximum=10_000_000, unit="mutants", help="mutants to make of each program")
    keep: bool = setting(False, help="also keep the parents of the mutants")
    distinct: bool = setting(False, help="no duplicates in a frontier, among parents and mutants")

    @abstractmethod
    def varied(self, records: Iterator[Record], context: Context) -> Iterator[Record | Work[Any]]:
        """Yield the records in order, with ``Work`` in place of each frontier that has programs."""

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records in order, each frontier with the mutants of its programs."""
        context.progress.start(None, TASKS)
        lacking = _Lacking()
        frontiers = parents = 0
        with closing(_generated(self.varied(records, context))) as items:
            for item in items:
                frontiers += isinstance(item, Frontier | Work)
                if not isinstance(item, Work):
                    yield item
                    continue
                context.progress.advance()
                parents += len(item.parents)
                frontier = self._finished(item, context, lacking)
                if frontier is not None:
                    yield frontier
        if frontiers and not parents:
            context.warn(f"{counted(frontiers, 'frontier')} without a program: there is nothing to mutate")
        if lacking.programs:
            context.warn(f"programs without a mutant: {lacking.programs}; {lacking.why}{self.hint()}")

    def makes(self, frontier: Frontier, result: Frontier) -> bool:
        """Whether the programs of ``result`` are those of the frontier, or mutants of them."""
        given = {each.program for each in frontier.programs}
        made = (each for each in result.programs if each.program not in given)
        return could_come_from(frontier, result) and all(given.issuperset(parents_of(each)) for each in made)

    @property
    def needs_mates(self) -> bool:
        """Whether it makes nothing of a frontier with one program alone."""
        return False

    def hint(self) -> str:
        """What to say after the reason for programs without mutants."""
        return ""

    def known(self, works: Iterable[Work[Any]]) -> dict[int, Known]:
        """For each parent, by identity, what its mutants must not duplicate: with ``distinct``, all of its frontier."""
        known: dict[int, Known] = {}
        for work in works:
            shared = Known({parent.program.program for parent in work.parents})
            known.update((id(parent), shared if self.distinct else Known()) for parent in work.parents)
        return known

    def takes(self, parent: Parent, program: str, known: Known) -> bool:
        """Whether a parent still needs a mutant, and this one is no duplicate."""
        return len(parent.mutants) < self.count and (not self.distinct or known.add(program))

    def _finished(self, work: Work[Parent], context: Context, lacking: _Lacking) -> Frontier | None:
        frontier = work.frontier
        if work.wrong is not None:
            return frontier if context.bad_input(work.wrong) else None
        programs: list[Program] = []
        for number, parent in enumerate(work.parents, 1):
            if parent.wrong is not None:
                if context.bad_input(frontier.error(f"program {number}: {parent.wrong}")):
                    programs.append(parent.program)
                continue
            if self.keep:
                programs.append(parent.program)
            if not parent.mutants:
                lacking.note(parent.none or "every mutant duplicates a program of its frontier")
            programs += parent.mutants
        programs.sort(key=quality, reverse=True)
        return replace(frontier, programs=tuple(programs), search=frontier.search if self.keep else None)


def _generated(items: Iterator[Record | Work[Any]]) -> Any:
    """The items as a generator, whose closing ends the work that yields them."""
    yield from items


@dataclass
class _Lacking:
    """The number of programs without mutants, with the reason for the first."""

    programs: int = 0
    why: str = ""

    def note(self, why: str) -> None:
        self.why = self.why or why
        self.programs += 1

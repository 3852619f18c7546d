"""The methods ``map-elites``, ``genetic`` and ``islands``: evolution of programs in one process."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from psynth.core.errors import InputError, UsageError
from psynth.core.limits import DEFAULT_FUEL, DEFAULT_MEMORY, DEFAULT_SECONDS, DEFAULT_SIZE, LARGEST
from psynth.core.settings import setting
from psynth.core.stream.records import (
    Archive,
    Dimension,
    Frontier,
    Library,
    Model,
    Record,
)
from psynth.plugins.domain import LAMBDA
from psynth.plugins.evaluator import Budget
from psynth.plugins.method import Context
from psynth_elites.evolving import Plan
from psynth_elites.operators import DEFAULTS, Operator
from psynth_elites.run import BASELINES, Run
from psynth_elites.selection import SELECTIONS
from psynth_elites.settings import ArchiveSettings

MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Evolution(ArchiveSettings):
    """The base of methods that evolve programs: the budget, the operators, the log and the baselines."""

    random = True
    parallel = "processes"
    reads = (Library, Archive, Frontier, Model)
    name: ClassVar[str]

    max_evaluations: int = setting(
        10_000, minimum=1, maximum=LARGEST, unit="programs", main=True, help="programs to judge for a task"
    )
    timeout: float | None = setting(
        None, minimum=0, unit="seconds", main=True, help="stop a task's evolution after this long (wall clock)"
    )
    target: float | None = setting(None, main=True, help="stop when the objective of a program is this good")
    operator: tuple[str, ...] = setting(
        (),
        value="OPERATOR",
        main=True,
        help="a method of psynth mutate, NAME or NAME:SETTING=VALUE,…; of several, those whose children are accepted "
        "most are used more (repeatable; default: subterm for λ-terms, python-ast for Python)",
    )
    batch: int = setting(100, minimum=1, maximum=1_000_000, unit="programs", help="programs of a round")
    initial: int = setting(
        200, minimum=1, maximum=10_000_000, unit="programs", help="programs to sample for a task without any"
    )
    baseline: tuple[str, ...] = setting(
        (),
        choices=tuple(BASELINES),
        help="also spend the same budget on children of the initial programs alone, or of the best program so far, "
        "and write the metrics of that (repeatable)",
    )
    log: Path | None = setting(
        None, file="write", provenance=False, help="append every judged program to FILE; if it exists, go on from there"
    )
    snapshot: Path | None = setting(
        None, file="write", provenance=False, help="write the archive to FILE while evolution goes on"
    )
    snapshot_every: int = setting(
        10_000, minimum=1, maximum=LARGEST, unit="programs", provenance=False, help="programs between two snapshots"
    )
    fuel: int = setting(DEFAULT_FUEL, minimum=1, maximum=LARGEST, unit="steps", help="maximum steps of one evaluation")
    size: int = setting(
        DEFAULT_SIZE,
        minimum=1,
        maximum=LARGEST,
        unit="cells",
        flag="--max-cells",
        help="maximum list cells and characters that one evaluation allocates",
    )
    evaluation_timeout: float = setting(
        DEFAULT_SECONDS, minimum=0.001, unit="seconds", help="maximum time of one evaluation, if programs run in Python"
    )
    memory: int = setting(
        DEFAULT_MEMORY // MEGABYTE,
        minimum=1,
        maximum=1 << 20,
        unit="megabytes",
        help="maximum memory of one evaluation, if programs run in Python",
    )

    @property
    def islands_count(self) -> int:
        """The number of archives that evolve separately."""
        return 1

    @property
    def migrate_every(self) -> int:
        """Rounds of each island between two migrations."""
        return LARGEST

    @property
    def migrants(self) -> int:
        """Elites that an island sends to the next."""
        return 0

    @abstractmethod
    def selection(self) -> tuple[str, int]:
        """How parents are chosen, and how many for a program."""

    @property
    def behaves(self) -> bool:
        """Whether programs are told apart by their behavior."""
        return True

    def budget(self) -> Budget:
        """The limits of one evaluation."""
        return Budget(self.fuel, self.size, self.evaluation_timeout, self.memory * MEGABYTE)

    def plan(self, context: Context, frontier: Frontier) -> Plan:
        """How the programs of a frontier evolve; UsageError if no operator is known for their language."""
        assert frontier.task is not None
        _check_begins(context, frontier)
        names = self.operator or (_usual_operator(frontier),)
        operators = [Operator.parse(name, context) for name in dict.fromkeys(names)]
        select, parents = self.selection()
        return Plan(self.batch, self.initial, select, parents, operators)

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the archive of the elites that evolve for each task."""
        with Run(self, context) as run:
            yield from run.records(records)


def _check_begins(context: Context, frontier: Frontier) -> None:
    """InputError unless there is a program to begin with, or a grammar to sample from."""
    assert frontier.task is not None
    domain = context.domain(frontier.task.domain)
    if not frontier.programs and LAMBDA not in domain.languages:
        raise InputError(
            f"domain {domain.name!r} has no λ-terms to sample: evolution needs a program to begin with in the frontier"
        )


def _usual_operator(frontier: Frontier) -> str:
    """The name of the operator for a frontier's programs, unless others are named."""
    language = frontier.programs[0].language if frontier.programs else LAMBDA
    if language not in DEFAULTS:
        raise InputError(f"no operator is the usual one for programs in {language}; name one with --operator")
    return DEFAULTS[language]


@dataclass(frozen=True)
class MapElites(Evolution):
    """Evolve programs, and keep the best of each kind of behavior (Mouret and Clune, 2015).

    Evolution begins with the programs of each frontier or, without any, with samples from the library's grammar. In
    each round parents are chosen among the elites, an operator of psynth mutate makes a child of each, and children
    that are new up to the names of their variables are judged, without what the task holds out. The result depends on
    the seed, not on -j. Metrics give the QD score, the coverage and the best objective by programs judged.

    With --log a killed run goes on where it was, and ends with the same bytes: run the same command again.

        psynth elites -d karel --task maze --method map-elites --max-evaluations 5000 | psynth show
        psynth elites -d karel --task maze --method map-elites --log log.jsonl -o archive.jsonl
    """

    name: ClassVar[str] = "map-elites"

    select: str = setting("uniform", choices=tuple(SELECTIONS), help="how parents are chosen")
    parents: int = setting(
        1, minimum=1, maximum=1000, unit="parents", help="parents of a child, for operators that mix"
    )

    def selection(self) -> tuple[str, int]:
        """As the settings say."""
        return self.select, self.parents


@dataclass(frozen=True)
class Genetic(Evolution):
    """Evolve a population of programs, whatever their behavior: a genetic algorithm.

    The best --population programs survive a round; parents are the winners of tournaments among them. A domain needs no
    behavior space.

        psynth elites -d list --limit 2 --method genetic --operator crossover --parents 2 --max-evaluations 500
    """

    name: ClassVar[str] = "genetic"

    population: int = setting(100, minimum=1, maximum=1_000_000, unit="programs", help="programs that survive a round")
    select: str = setting("tournament", choices=("tournament", "uniform"), help="how parents are chosen")
    parents: int = setting(
        1, minimum=1, maximum=1000, unit="parents", help="parents of a child, for operators that mix"
    )

    def selection(self) -> tuple[str, int]:
        """As the settings say."""
        return self.select, self.parents

    @property
    def behaves(self) -> bool:
        """Programs are all in one cell."""
        return False

    def archive(self, context: Context, domain: str | None, given: Archive | None) -> Archive:
        """One cell as deep as the population."""
        for name in ("layout", "dim", "bins", "cells", "depth", "outside", "radius", "neighbors"):
            if getattr(self, name) not in (None, ()):
                raise UsageError(f"--{name}: a population has one cell, with --population programs")
        return Archive(
            "grid",
            (Dimension("population", 0.0, 1.0, 1),),
            self.population,
            objective=self.objective or "gain",
            minimize=self.minimize,
            offset=self.qd_offset or 0.0,
        )


@dataclass(frozen=True)
class Islands(MapElites):
    """Evolve several archives apart, which exchange their best elites now and then.

    The islands are in a ring: after every --migrate-every rounds each sends its best --migrants elites to the next. The
    result is one archive of the elites of all. --max-evaluations is for all islands together.

        psynth elites -d karel --task maze --method islands --islands 4 -o archive.jsonl
    """

    name: ClassVar[str] = "islands"

    islands: int = setting(4, minimum=2, maximum=1000, unit="islands", help="archives that evolve apart")
    every: int = setting(
        10, minimum=1, maximum=LARGEST, unit="rounds", flag="--migrate-every", help="rounds between two migrations"
    )
    sent: int = setting(
        5, minimum=0, maximum=100_000, unit="elites", flag="--migrants", help="elites that an island sends to the next"
    )

    @property
    def islands_count(self) -> int:
        """As the settings say."""
        return self.islands

    @property
    def migrate_every(self) -> int:
        """As the settings say."""
        return self.every

    @property
    def migrants(self) -> int:
        """As the settings say."""
        return self.sent

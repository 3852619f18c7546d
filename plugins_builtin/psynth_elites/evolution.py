"""The settings of evolution in one process: its budget, operators, log and baselines."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from psynth.core.errors import InputError, UsageError
from psynth.core.evaluation_limits import MEGABYTE, fuel_setting, memory_setting, size_setting
from psynth.core.limits import DEFAULT_SECONDS, LARGEST
from psynth.core.settings import setting
from psynth.core.stream.records import (
    Archive,
    Frontier,
    Library,
    Model,
)
from psynth.plugins.cascade import cascade_setting
from psynth.plugins.domain import LAMBDA
from psynth.plugins.evaluator import Budget
from psynth.plugins.method import Context
from psynth_elites.evolving import BASELINES, Plan
from psynth_elites.operators import DEFAULTS, LearningOperator, parse_operator
from psynth_elites.settings import ArchiveSettings


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
        help="a method of psynth mutate, or cma-me, for vectors: NAME or NAME:SETTING=VALUE,…; of several, those whose "
        "children are accepted most are used more (repeatable; default: subterm for λ-terms, python-ast for Python)",
    )
    batch: int = setting(100, minimum=1, maximum=1_000_000, unit="programs", help="programs of a round")
    steady: int | None = setting(
        None,
        minimum=1,
        maximum=10_000,
        unit="programs",
        help="evolve without rounds, for slow evaluations: propose each program when all but so many before it are "
        "judged; at least as many as -j keep all jobs busy",
    )
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
    fuel: int = fuel_setting()
    size: int = size_setting()
    evaluation_timeout: float = setting(
        DEFAULT_SECONDS, minimum=0.001, unit="seconds", help="maximum time of one evaluation, if programs run in Python"
    )
    memory: int = memory_setting()
    cascade: tuple[str, ...] = cascade_setting()

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
        operators = [parse_operator(name, context) for name in dict.fromkeys(names)]
        select, parents = self.selection()
        for each in operators:
            if not isinstance(each, LearningOperator):
                each.check_parents(parents)
            elif self.steady is not None:
                raise UsageError(f"--operator {each.name} learns from whole rounds: leave out --steady")
        return Plan(self.batch, self.initial, select, parents, operators)


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

"""Every program of a stream on every task: which get some example right, by batches of programs, in bounded memory."""

from __future__ import annotations

import dataclasses
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from psynth.core.errors import InputError
from psynth.core.stream.merging import check_same_task
from psynth.core.stream.reading import ReadReport, read_records
from psynth.core.stream.records import End, Frontier, Library, Metric, Model, Origin, Program, Record, Task
from psynth.core.stream.scope import Scope
from psynth.core.stream.waiting import IN_MEMORY, read_held, write_held
from psynth.core.wording import counted
from psynth.plugins.evaluator import Evaluator, ProgramError
from psynth.plugins.method import Context

PROGRAMS = 1024
"""Programs that are judged together; equal parts of them are evaluated once."""
TASKS = 512
"""Tasks that they are judged on together."""
SOLVED, PARTLY, SECONDS = METRICS = "tasks_solved", "tasks_right_in_part", "cpu_seconds_of_judging"
"""By programs: the tasks with a program right on all shown examples, and on some; the CPU seconds, with --timing."""

EvaluatorFor = Callable[[Frontier, Scope, str], Evaluator]
Judge = Callable[[Sequence[tuple[Frontier, Scope]]], Iterator[Record]]


class Offered(NamedTuple):
    """A program of the stream, and its place among them, from 1."""

    program: Program
    number: int


@dataclass
class TaskTable:
    """The tasks to judge on, by domain, each id once."""

    context: Context
    by_domain: dict[str, dict[str, Frontier]] = field(default_factory=dict)

    def add(self, frontier: Frontier) -> None:
        """Add the task of a frontier, if it has one; another task with a known id is bad input."""
        task = frontier.task
        if task is None:
            return
        known = self.by_domain.setdefault(task.domain, {}).setdefault(task.id, _bare(frontier))
        assert known.task is not None
        try:
            check_same_task(known.task, frontier)
        except InputError as error:
            self.context.bad_input(error)

    def of(self, domain: str) -> list[Frontier]:
        """The tasks of a domain, in the order in which they were met."""
        return list(self.by_domain.get(domain, {}).values())

    def refuse(self, task: Task, error: InputError) -> None:
        """Go on without a task whose data are wrong, if ``--on-error`` allows it."""
        self.context.bad_input(error)
        del self.by_domain[task.domain][task.id]


def _bare(frontier: Frontier) -> Frontier:
    """A task as its own frontier, which keeps where it was read, for messages."""
    return dataclasses.replace(Frontier(frontier.task), place=frontier.place)


def tasks_in(path: Path, context: Context) -> TaskTable:
    """The tasks of a stream in a file; InputError if it has none."""
    table, report = TaskTable(context), ReadReport()
    for record in read_records([path], [Frontier], report=report):
        if isinstance(record, Frontier):
            table.add(record)
    if not any(table.by_domain.values()):
        raise InputError("there is no task in this file", source=str(path))
    if report.truncated:
        context.warn(f"{path}: no end record: its writer died, or the stream was cut short")
    return table


@dataclass
class Tally:
    """What has come of the programs so far, for metrics and for the last message."""

    programs: int = 0
    evaluations: int = 0
    seconds: float = 0.0
    solved: dict[str, set[str]] = field(default_factory=dict)
    """By domain, the tasks that some program is right on in all shown examples."""
    partly: dict[str, set[str]] = field(default_factory=dict)
    """Those that some program is right on in part, or has a score above 0 on."""
    rejected: int = 0
    why: str = ""
    """How many programs cannot be run on any task, and why the first cannot."""
    homeless: Counter[str] = field(default_factory=Counter)
    """The programs of domains without tasks."""
    _told: dict[tuple[str, str], int] = field(default_factory=dict)

    def count(self, frontier: Frontier) -> None:
        """Count a frontier of programs that are right in part."""
        assert frontier.task is not None
        domain, name = frontier.task.domain, frontier.task.id
        self.partly.setdefault(domain, set()).add(name)
        self.solved.setdefault(domain, set()).update({name} if frontier.solved else ())

    def metrics(self, *, last: bool) -> Iterator[Metric]:
        """Yield the numbers of tasks that have changed, and at the end all."""
        for name, found in ((SOLVED, self.solved), (PARTLY, self.partly)):
            for domain, tasks in found.items():
                if last or self._told.get((name, domain)) != len(tasks):
                    self._told[name, domain] = len(tasks)
                    yield Metric(name, float(len(tasks)), step=self.programs, labels={"domain": domain})

    def tell(self, context: Context, elapsed: float) -> None:
        """Print what the run has come to."""
        for domain, number in self.homeless.items():
            context.warn(f"{counted(number, 'program')} of {domain}, of which there is no task")
        if self.rejected:
            context.warn(f"{counted(self.rejected, 'program')} cannot be run; the first: {self.why}")
        if not self.programs:
            context.warn("no program: there is nothing to evaluate")
            return
        solved, partly = (sum(map(len, found.values())) for found in (self.solved, self.partly))
        rate = f", {self.evaluations / elapsed:,.0f} a second" if elapsed > 0 else ""
        context.warn(
            f"{counted(self.programs, 'program')}: {counted(self.evaluations, 'evaluation')}{rate}; "
            f"{counted(solved, 'task')} solved, {partly:,} in part"
        )


@dataclass
class AllTasks:
    """A run over a stream. ``evaluator_for`` runs programs of a language, ``judge`` makes frontiers with verdicts.

    ``quick`` as in `Evaluator.screen`.
    """

    context: Context
    evaluator_for: EvaluatorFor
    judge: Judge
    quick: bool
    tally: Tally = field(default_factory=Tally)
    _waiting: dict[tuple[str, str], list[Offered]] = field(default_factory=dict)

    def run(self, records: Iterator[Record], tasks: Path | None) -> Iterator[Record]:
        """Yield the records, but in place of the frontiers those of the tasks that their programs solve in part."""
        self.context.progress.start(None, "programs")
        if tasks is not None:
            yield from self._judged(records, tasks_in(tasks, self.context))
            return
        # No program can be judged on all tasks before the last one is known.
        table = TaskTable(self.context)
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as held:
            for record in records:
                if isinstance(record, Frontier):
                    table.add(record)
                write_held(record, held)
            yield from self._judged(read_held(held), table)

    def _judged(self, records: Iterator[Record], table: TaskTable) -> Iterator[Record]:
        started = time.monotonic()
        scope = Scope(self.context.library_for)
        for record in records:
            # Programs are written in the library before them, and what they solve stands behind it, too.
            if isinstance(record, Library | Model | End):
                yield from self._flush(table, scope, last=isinstance(record, End))
            if isinstance(record, End):
                self.tally.tell(self.context, time.monotonic() - started)
            scope = scope.after(record)
            if not isinstance(record, Frontier):
                yield record
                continue
            domain = scope.library(record).domain if record.programs else ""
            for program in record.programs:
                self.tally.programs += 1
                self._waiting.setdefault((domain, program.language), []).append(Offered(program, self.tally.programs))
                if sum(map(len, self._waiting.values())) == PROGRAMS:
                    yield from self._flush(table, scope)

    def _flush(self, table: TaskTable, scope: Scope, *, last: bool = False) -> Iterator[Record]:
        """Judge what is waiting, and say what has come of all so far."""
        judged = 0
        for (domain, language), programs in self._waiting.items():
            judged += len(programs)
            if not table.of(domain):
                self.tally.homeless[domain] += len(programs)
            else:
                yield from self._batch(table, scope, domain, language, programs)
        self._waiting.clear()
        self.context.progress.advance(judged)
        yield from self.tally.metrics(last=last)
        if self.context.timing and judged:
            yield Metric(SECONDS, self.tally.seconds, step=self.tally.programs)

    def _batch(
        self, table: TaskTable, scope: Scope, domain: str, language: str, programs: Sequence[Offered]
    ) -> Iterator[Record]:
        """Yield a frontier for each task that some of the programs, of one domain and language, solve in part."""
        distinct = list({each.program.program: each for each in reversed(programs)}.values())[::-1]
        try:
            evaluator = self.evaluator_for(table.of(domain)[0], scope, language)
        except InputError as error:
            self.context.bad_input(error)
            return
        frontiers = table.of(domain)
        parts = [frontiers[start : start + TASKS] for start in range(0, len(frontiers), TASKS)]
        found = _united(self._screened(table, evaluator, part, distinct) for part in parts)
        self.tally.evaluations += len(table.of(domain)) * len(distinct)
        self.tally.rejected += len(found.rejected)
        self.tally.why = self.tally.why or next((error.message for error in found.rejected.values()), "")
        for record in self.judge([(frontier, scope) for frontier in found.frontiers]):
            if isinstance(record, Frontier):
                self.tally.count(record)
            yield record

    def _screened(
        self, table: TaskTable, evaluator: Evaluator, frontiers: Sequence[Frontier], programs: Sequence[Offered]
    ) -> _Found | None:
        """The frontiers of some tasks with the programs that are right on them in part; None if all are left out."""
        tasks = [each.task for each in frontiers if each.task is not None]
        visible = [self.context.domain(task.domain).visible(task) for task in tasks]
        texts = [each.program.program for each in programs]
        try:
            screened = evaluator.screen(visible, texts, quick=self.quick)
        except InputError as error:
            if len(frontiers) > 1:
                return _united(self._screened(table, evaluator, [each], programs) for each in frontiers)
            table.refuse(tasks[0], frontiers[0].error(error.message))
            return None
        self.tally.seconds += screened.seconds
        made = [
            dataclasses.replace(frontier, programs=tuple(_found(programs[place]) for place in places))
            for frontier, places in zip(frontiers, screened.right, strict=True)
            if places
        ]
        return _Found(made, screened.rejected)


class _Found(NamedTuple):
    """The frontiers that were made of some tasks, and the programs, by place, that cannot be run on any of them."""

    frontiers: list[Frontier]
    rejected: Mapping[int, ProgramError]


def _united(parts: Iterable[_Found | None]) -> _Found:
    found = [part for part in parts if part is not None]
    first = found[0].rejected if found else {}
    rejected = {place: error for place, error in first.items() if all(place in part.rejected for part in found)}
    return _Found([frontier for part in found for frontier in part.frontiers], rejected)


def _found(offered: Offered) -> Program:
    """The program with how many were judged up to it."""
    origin = offered.program.origin or Origin()
    return dataclasses.replace(offered.program, origin=dataclasses.replace(origin, evaluations=offered.number))

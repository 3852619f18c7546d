"""Searches that take one task at a time: what they leave in the stream, and several of them at once with order kept."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import ClassVar

from psynth.core.errors import InputError
from psynth.core.limits import LARGEST
from psynth.core.seeds import derive
from psynth.core.settings import setting
from psynth.core.stream.records import (
    TASK_LABEL,
    End,
    Frontier,
    Library,
    Metric,
    Model,
    Origin,
    Program,
    Record,
    Search,
    Task,
    quality,
    ran_out,
    worst,
)
from psynth.plugins.domain import Budget, Domain
from psynth.plugins.evaluation import judged
from psynth.plugins.method import Context, Method

AHEAD = 4
"""Records read ahead of the one to be written, for each job."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to: its best programs, best first, with the gain of the best as the search saw it.

    ``status`` is solved or budget.
    """

    programs: Sequence[str]
    gain: float | None
    evaluations: int
    status: str


@dataclass
class TaskSearch(ABC):
    """A frontier whose task is to be searched: ``records`` does it, by way of ``improvements`` and ``found``."""

    frontier: Frontier
    library: Library
    context: Context
    method: str
    """The method's name, for the stream."""
    stop: threading.Event = field(default_factory=threading.Event, kw_only=True)
    """Set by somebody else to end the search."""

    @abstractmethod
    def improvements(self, domain: Domain, threads: int) -> Iterator[tuple[int, float]]:
        """Search until it is over or ``stop`` is set; yield (evaluations, gain) whenever the best gain grows.

        The gain is the reward, or the score of a task without rewards, on what ``domain.visible`` leaves of the task.
        """

    @abstractmethod
    def found(self) -> Found:
        """What was found, also of a search that was cut short."""

    @property
    def task(self) -> Task:
        """What the frontier's programs are for."""
        assert self.frontier.task is not None
        return self.frontier.task

    @property
    def seed(self) -> int:
        """63 bits for this task, by seed, command and task id."""
        return derive(self.context.seed, self.context.command, self.task.id)

    def records(self, threads: int = 1) -> Iterator[Record]:
        """Search, and yield the metrics of the search and the frontier with what was found.

        On KeyboardInterrupt the frontier comes with what was found so far, and the interrupt is raised again.
        """
        try:
            domain = self.context.domain(self.task.domain)
            yield from self._searched(domain, threads)
        except InputError as error:
            if error.source is not None:
                raise  # What is wrong with another file, a model say, is not the frontier's fault.
            if self.context.bad_input(self.frontier.error(error.message)):
                yield self.frontier

    def _searched(self, domain: Domain, threads: int) -> Iterator[Record]:
        # Side by side with others only this thread's time is this task's.
        clock = time.process_time if threads > 1 or self.context.jobs == 1 else time.thread_time
        started = clock()
        interrupted, told = False, -1
        try:
            for told, gain in self.improvements(domain, threads):
                yield self._metric(told, gain)
        except KeyboardInterrupt:
            interrupted = True
            self.stop.set()
        found = self.found()
        if found.gain is not None and found.evaluations != told:
            yield self._metric(found.evaluations, found.gain)
        yield self._finished(domain, found, clock() - started)
        if interrupted:
            raise KeyboardInterrupt

    def _metric(self, evaluations: int, gain: float) -> Metric:
        labels = {TASK_LABEL: self.task.id, "method": self.method, "seed": self.context.seed}
        return Metric("score" if self.task.environment is None else "reward", gain, step=evaluations, labels=labels)

    def _finished(self, domain: Domain, found: Found, seconds: float) -> Frontier:
        """The frontier with what was found, evaluated once more and on what is held out."""
        with domain.evaluator(self.library, Budget()) as evaluator:
            [verdicts] = evaluator.judge([(self.task, found.programs)])
        origin = Origin(by=self.method, evaluations=found.evaluations)
        known = {program.program: program for program in self.frontier.programs}
        for text, verdict in zip(found.programs, verdicts, strict=True):
            known[text] = judged(known.get(text, Program(text, "lambda", origin=origin)), verdict)
        cut_short = self.stop.is_set() and found.status != "solved"
        search = Search(
            method=self.method,
            programs=found.evaluations,
            status="interrupted" if cut_short else found.status,
            reward=None if self.task.environment is None else found.gain,
            cpu_seconds=seconds if self.context.timing else None,
        )
        programs = sorted(known.values(), key=quality, reverse=True)
        return replace(self.frontier, programs=tuple(programs), search=search)


@dataclass(frozen=True)
class TaskSearchMethod(Method):
    """The base of methods that search one task after the other: what they all may be told, and their way with records.

    Before each frontier stand the metrics of its search. ``name`` is the method's, ``model_kind`` the kind of models
    that it searches with, if any.
    """

    resumable = True
    parallel = "threads"
    random = True
    timed = True
    name: ClassVar[str]
    model_kind: ClassVar[str | None] = None

    max_evaluations: int = setting(
        100_000, minimum=1, maximum=LARGEST, unit="programs", help="programs to try for a task, including duplicates"
    )
    timeout: float | None = setting(
        None, minimum=0, unit="seconds", help="stop a task's search after this long (wall clock)"
    )
    target: float | None = setting(
        None, help="stop at this reward, or score of a task with examples (default: the maximum)"
    )
    max_frontier: int = setting(5, minimum=1, maximum=LARGEST, unit="programs", help="best programs to keep for a task")

    @abstractmethod
    def search(self, frontier: Frontier, library: Library, model: Model | None, context: Context) -> TaskSearch:
        """The search of one frontier's task; ``model`` is the last one before it of ``model_kind`` and its domain.

        InputError where it cannot be searched.
        """

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records in order, each frontier with what was found for its task."""
        yield from in_order(self._jobs(records, context), context)

    def _jobs(self, records: Iterator[Record], context: Context) -> Iterator[Record | TaskSearch]:
        libraries: dict[str, Library] = {}
        models: dict[str | None, Model] = {}
        for record in records:
            if isinstance(record, Library):
                libraries[record.domain] = record
            elif isinstance(record, Model) and record.kind == self.model_kind:
                models[record.domain] = record
            if not isinstance(record, Frontier) or record.task is None:
                yield record
                continue
            domain = record.task.domain
            try:
                library = libraries.get(domain) or context.library_for(domain)
                yield self.search(record, library, models.get(domain), context)
            except InputError as error:
                if context.bad_input(record.error(error.message)):
                    yield record


def in_order(jobs: Iterator[Record | TaskSearch], context: Context) -> Iterator[Record]:
    """Yield records as they come, and in place of each search its records; ``context.jobs`` searches run at a time."""
    context.progress.start(None, "tasks")
    incomplete = False
    for record in _one_by_one(jobs) if context.jobs == 1 else _side_by_side(jobs, context.jobs):
        incomplete = incomplete or ran_out(record)
        if isinstance(record, Frontier):
            context.progress.advance()
        if isinstance(record, End) and incomplete:
            record = replace(record, status=worst(record.status, "budget"))
        yield record


def _one_by_one(jobs: Iterator[Record | TaskSearch]) -> Iterator[Record]:
    for job in jobs:
        if isinstance(job, TaskSearch):
            yield from job.records()
        else:
            yield job


def _side_by_side(jobs: Iterator[Record | TaskSearch], count: int) -> Iterator[Record]:
    stop = threading.Event()
    ahead = list(islice(jobs, count * AHEAD))
    # Few tasks leave threads for each of them; it changes no result.
    threads = max(1, count // max(1, sum(isinstance(job, TaskSearch) for job in ahead)))
    jobs = chain(ahead, jobs)
    waiting: deque[Record | Future[list[Record]]] = deque()
    interrupted = False
    with ThreadPoolExecutor(max_workers=count) as pool:

        def begun(job: Record | TaskSearch) -> Record | Future[list[Record]]:
            if not isinstance(job, TaskSearch):
                return job
            job.stop = stop
            return pool.submit(lambda: list(job.records(threads)))

        try:
            while True:
                if not interrupted:
                    waiting.extend(begun(job) for job in islice(jobs, count * AHEAD - len(waiting)))
                if not waiting:
                    break
                first = waiting.popleft()
                if not isinstance(first, Future):
                    yield first
                    continue
                try:
                    yield from first.result()
                except KeyboardInterrupt:
                    stop.set()
                    interrupted = True
                    waiting.appendleft(first)
        finally:
            stop.set()
    if interrupted:
        raise KeyboardInterrupt

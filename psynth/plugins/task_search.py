"""Methods that search one task after the other, with metrics of their progress."""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice

from psynth.core.errors import InputError, PsynthError
from psynth.core.limits import LARGEST
from psynth.core.settings import setting
from psynth.core.stream.records import TASK_LABEL, Frontier, Metric, Origin, Record
from psynth.core.stream.scope import Scope, scoped
from psynth.core.wording import counted
from psynth.core.work import AHEAD, Stop, Work, in_order
from psynth.plugins.method import TASKS, Context
from psynth.plugins.search import Problem, SearchMethod, SearchResult, with_honest_end


class TaskSearch(ABC):
    """The search of one task: ``improvements`` runs it, ``found`` is its result."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem

    @abstractmethod
    def improvements(self) -> Iterator[tuple[int, float]]:
        """Search to the end or until ``stop`` of the problem is set, and yield (programs tried, gain) at improvements.

        The gain is the reward, or the score of a task without rewards. It may be yielded more often, as after each
        generation: a search that goes on after ``max_evaluations``, ``timeout`` or ``target`` is ended when it yields.
        InputError for a task that cannot be searched.
        """

    @abstractmethod
    def found(self) -> SearchResult:
        """The result, also of an interrupted search."""

    @property
    def best(self) -> str | None:
        """The λ-term of the best program so far, for messages; None if the search cannot say."""
        return None


@dataclass(frozen=True)
class TaskSearchMethod(SearchMethod):
    """Methods that search one task after the other, ``-j`` of them concurrently.

    Each frontier is preceded by metrics of its search: the best gain so far, by programs tried.
    """

    parallel = "threads"
    random = True

    max_evaluations: int = setting(
        100_000,
        minimum=1,
        maximum=LARGEST,
        unit="programs",
        main=True,
        help="programs to try for a task, including duplicates",
    )
    timeout: float | None = setting(
        None, minimum=0, unit="seconds", main=True, help="stop a task's search after this long (wall clock)"
    )
    target: float | None = setting(
        None, main=True, help="stop at this reward, or score of a task with examples (default: the maximum)"
    )
    max_frontier: int = setting(5, minimum=1, maximum=LARGEST, unit="programs", help="best programs to keep for a task")

    @abstractmethod
    def search(self, problem: Problem) -> TaskSearch:
        """The search of one problem; InputError if it cannot be searched."""

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records in order, each frontier with the programs found for its task."""
        context.progress.start(None, TASKS)
        stop = Stop()
        work = in_order(self._work(records, context, stop), jobs=context.jobs, stop=stop)
        for record in with_honest_end(work):
            context.progress.passed(record)
            yield record

    def _work(self, records: Iterator[Record], context: Context, stop: Stop) -> Iterator[Work[Record]]:
        pairs = scoped(records, context.library_for)
        ahead = list(islice(pairs, context.jobs * AHEAD)) if context.jobs > 1 else []
        # A few tasks leave threads for each of them; this changes no result.
        tasks = sum(isinstance(record, Frontier) and record.task is not None for record, _ in ahead)
        threads = max(1, context.jobs // max(1, tasks))
        for record, scope in chain(ahead, pairs):
            if not isinstance(record, Frontier) or record.task is None:
                yield Work.done(record)
            else:
                yield Work(partial(self._searched, record, scope, context, stop, threads))

    def _searched(
        self, frontier: Frontier, scope: Scope, context: Context, stop: Stop, threads: int
    ) -> Iterator[Record]:
        try:
            problem = self.problem(frontier, scope, context, stop, threads)
            yield from self._search(frontier, problem, context)
        except RecursionError:
            if context.bad_input(frontier.error("a program or a value is nested too deeply")):
                yield frontier
        except InputError as error:
            if error.source is not None and error.source != (frontier.place and frontier.place.source):
                raise  # What is wrong with another file, a model say, is not the frontier's fault.
            if context.bad_input(frontier.error(error.message)):
                yield frontier

    def _search(self, frontier: Frontier, problem: Problem, context: Context) -> Iterator[Record]:
        # Side by side with others, only this thread's time is this task's.
        clock = time.process_time if problem.threads > 1 or context.jobs == 1 else time.thread_time
        started = clock()
        search = self.search(problem)
        reported = -1
        for reported, gain in self._within_limits(search):
            context.note(_progress_note(problem, reported, gain, search.best))
            yield self._metric(problem, reported, gain, context)
        result = search.found()
        if result.gain is not None and result.tried != reported:
            yield self._metric(problem, result.tried, result.gain, context)
        cut_short = problem.stop.is_set() and result.status != "solved"
        result = replace(
            result,
            programs=[replace(each, origin=Origin(by=self.name, evaluations=result.tried)) for each in result.programs],
            status="interrupted" if cut_short else result.status,
            cpu_seconds=clock() - started,
        )
        yield self.finished(frontier, problem, result, context)

    def _within_limits(self, search: TaskSearch) -> Iterator[tuple[int, float]]:
        """The improvements; the search is ended when it yields once more after a limit was reached."""
        deadline = math.inf if self.timeout is None else time.monotonic() + self.timeout
        target = math.inf if self.target is None else self.target
        reached = False
        for tried, gain in search.improvements():
            if reached:
                return
            yield tried, gain
            reached = tried >= self.max_evaluations or gain >= target or time.monotonic() >= deadline

    def _metric(self, problem: Problem, tried: int, gain: float, context: Context) -> Metric:
        labels = {TASK_LABEL: problem.task.id, "method": self.name, "seed": context.seed}
        return Metric("score" if problem.task.environment is None else "reward", gain, step=tried, labels=labels)


def _progress_note(problem: Problem, tried: int, gain: float, best: str | None) -> str:
    """The message about an improvement: the task, the programs tried, the gain and the best program."""
    kind = "score" if problem.task.environment is None else "reward"
    note = f"{problem.task.id}: {kind} {gain:.4g} after {counted(tried, 'program')}"
    if best is None:
        return note
    try:
        return f"{note}: {problem.domain.syntax().print(best)}"
    except PsynthError:  # a syntax of its own has no words for abstractions
        return f"{note}: {best}"

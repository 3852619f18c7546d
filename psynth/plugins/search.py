"""The frame of every search: a method brings the search, the frame hides, spreads, interrupts, judges and finishes.

A search is handed `Problem`s, which hold nothing that a task holds out; only the frame sees the whole task, and judges
on it the programs that a search keeps. There are three shapes of methods: `GroupSearchMethod` searches tasks of one
type together, `TaskSearchMethod` one task after the other with metrics of its progress, and `ProposalMethod` proposes
programs for many tasks at once, which the frame judges.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from typing import Any, ClassVar, Literal, TypeAlias

from psynth.core.engines.leases import Engines
from psynth.core.errors import InputError
from psynth.core.limits import LARGEST
from psynth.core.seeds import derive
from psynth.core.settings import setting
from psynth.core.stream.records import (
    TASK_LABEL,
    Contextual,
    End,
    Frontier,
    Library,
    Metric,
    Model,
    Origin,
    Program,
    Record,
    Search,
    Weights,
    encode,
    quality,
    ran_out,
    same_task,
    worst,
)
from psynth.core.stream.scope import Scope, batches, scoped
from psynth.core.work import AHEAD, Stop, Work, in_order
from psynth.plugins.domain import LAMBDA, Domain
from psynth.plugins.evaluator import Budget, Verdict, judged
from psynth.plugins.method import Context, Method
from psynth.plugins.visible_task import VisibleTask

SearchStatus: TypeAlias = Literal["solved", "budget", "exhausted", "interrupted"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One task to be searched, as a search may see it.

    ``starts`` are the λ-terms that its frontier has, best first. ``model`` is the nearest of the method's kind and the
    task's domain, if any. ``weights`` say how likely each production is for this task, in place of the library's
    weights; `lambda_weights` is what the λ-machine takes. ``seed`` has 63 bits. ``threads`` is how many threads or
    processes the search may use; it changes no result. ``stop`` is set when the search should end, with what it has
    found.
    """

    task: VisibleTask
    domain: Domain
    library: Library
    starts: tuple[str, ...]
    seed: int
    engines: Engines
    stop: Stop
    model: Model | None = None
    weights: Weights | Contextual | None = None
    threads: int = 1
    warn: Callable[[str], None] = lambda message: None

    @property
    def lambda_weights(self) -> dict[str, Any] | None:
        """The weights for this task as the λ-machine takes them; None where the library's hold."""
        return None if self.weights is None else self.weights.to_json()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found for one task.

    ``programs`` are the best, best first. Where ``judged`` is set they bear verdicts of the domain's evaluator on the
    visible task, which the frame completes only where the task holds something out; otherwise the frame judges them.
    ``gain`` is that of the best as the search saw it. ``tried`` counts programs; ``max_cost`` is in nats, everything
    cheaper was tried.
    """

    programs: Sequence[Program]
    tried: int
    status: SearchStatus
    gain: float | None = None
    max_cost: float | None = None
    cpu_seconds: float | None = None
    judged: bool = False


INTERRUPTED = SearchResult([], 0, "interrupted", max_cost=0.0)
"""The result of a search that was interrupted before it began."""


@dataclass(frozen=True)
class SearchMethod(Method):
    """What all searches share: the budget, and how a frontier is finished with what a search found for its task."""

    resumable = True
    timed = True
    name: ClassVar[str]
    model_kind: ClassVar[str | None] = None
    """The kind of models that the method searches with, if any."""

    def evaluation(self) -> Budget:
        """What one evaluation may use."""
        return Budget()

    def problem(self, frontier: Frontier, scope: Scope, context: Context, stop: Stop, threads: int = 1) -> Problem:
        """The problem that a frontier's task poses; InputError where it cannot be searched at all."""
        assert frontier.task is not None
        domain = context.domain(frontier.task.domain)
        return Problem(
            task=domain.visible(frontier.task),
            domain=domain,
            library=scope.library(frontier),
            starts=tuple(each.program for each in frontier.programs if each.language == LAMBDA),
            seed=derive(context.seed, context.command, frontier.task.id),
            engines=context.engines,
            stop=stop,
            weights=frontier.weights,
            model=None if self.model_kind is None else scope.model(self.model_kind, domain.name),
            threads=threads,
            warn=context.warn,
        )

    def finished(self, frontier: Frontier, problem: Problem, result: SearchResult, context: Context) -> Frontier:
        """The frontier with what was found, judged on the whole task: what is held out counts here, and only here."""
        found = [replace(each, origin=each.origin or Origin(by=self.name)) for each in result.programs]
        assert frontier.task is not None
        if found and not (result.judged and same_task(frontier.task, problem.task)):
            found = self._judged(frontier, problem, found)
        programs = {(each.language, each.program): each for each in frontier.programs}
        for program in found:
            key = (program.language, program.program)
            programs[key] = _updated(programs[key], program) if key in programs else program
        search = Search(
            method=self.name,
            programs=result.tried,
            max_cost=result.max_cost,
            status=result.status,
            reward=None if frontier.task.environment is None else result.gain,
            cpu_seconds=result.cpu_seconds if context.timing else None,
        )
        return replace(
            frontier, programs=self.kept(sorted(programs.values(), key=quality, reverse=True)), search=search
        )

    def kept(self, programs: list[Program]) -> tuple[Program, ...]:
        """The programs that a frontier keeps, of those it had and those found, best first: here all."""
        return tuple(programs)

    def _judged(self, frontier: Frontier, problem: Problem, found: list[Program]) -> list[Program]:
        assert frontier.task is not None
        verdicts: dict[tuple[str, str], Verdict] = {}
        for language in dict.fromkeys(each.language for each in found):
            problem.domain.require_language(language)
            texts = [each.program for each in found if each.language == language]
            with problem.domain.evaluator(
                problem.library, self.evaluation(), language=language, engines=problem.engines, jobs=problem.threads
            ) as evaluator:
                [answers] = evaluator.judge([(frontier.task, texts)])
            verdicts |= zip(((language, text) for text in texts), answers, strict=True)
        return [judged(each, verdicts[each.language, each.program]) for each in found]


def _updated(known: Program, found: Program) -> Program:
    """A program that the frontier had and that was found again: with the new verdict, else as it was."""
    return replace(
        known,
        log_likelihood=found.log_likelihood,
        score=found.score,
        status=found.status,
        reward=found.reward,
        held_out=found.held_out,
        held_out_reward=found.held_out_reward,
        message=found.message,
        log_prior=known.log_prior if found.log_prior is None else found.log_prior,
    )


def with_honest_end(records: Iterable[Record]) -> Iterator[Record]:
    """Yield records with an end that says ``budget`` if the search of some frontier before it ended at one."""
    incomplete = False
    for record in records:
        incomplete = incomplete or ran_out(record)
        if isinstance(record, End) and incomplete:
            record = replace(record, status=worst(record.status, "budget"))
        yield record


# ---- one task at a time ---------------------------------------------------------------------------------------------


class TaskSearch(ABC):
    """The search of one task: ``improvements`` does it, ``found`` tells what it found."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem

    @abstractmethod
    def improvements(self) -> Iterator[tuple[int, float]]:
        """Search until it is over or the problem's ``stop`` is set; yield (programs tried, gain) at each improvement.

        The gain is the reward, or the score of a task without rewards. InputError for a task that cannot be searched.
        """

    @abstractmethod
    def found(self) -> SearchResult:
        """What was found, also by a search that was cut short."""


@dataclass(frozen=True)
class TaskSearchMethod(SearchMethod):
    """Methods that search one task after the other, ``-j`` of them side by side.

    Before each frontier stand metrics of its search: the best gain so far, by programs tried.
    """

    parallel = "threads"
    random = True

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
    def search(self, problem: Problem) -> TaskSearch:
        """The search of one problem; InputError where it cannot be searched."""

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records in order, each frontier with what was found for its task."""
        context.progress.start(None, "tasks")
        stop = Stop()
        work = in_order(self._work(records, context, stop), jobs=context.jobs, stop=stop)
        for record in with_honest_end(work):
            if isinstance(record, Frontier):
                context.progress.advance()
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
        for reported, gain in search.improvements():
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

    def _metric(self, problem: Problem, tried: int, gain: float, context: Context) -> Metric:
        labels = {TASK_LABEL: problem.task.id, "method": self.name, "seed": context.seed}
        return Metric("score" if problem.task.environment is None else "reward", gain, step=tried, labels=labels)


# ---- tasks of one type together -------------------------------------------------------------------------------------


@dataclass
class Group:
    """Problems of one domain, library, weights and request; ``in_machine``: the λ-machine itself may judge them."""

    problems: dict[int, Problem]
    in_machine: bool
    request: str
    rejected: dict[int, InputError] = field(default_factory=dict)
    """Problems whose data are wrong, by their number."""

    @property
    def first(self) -> Problem:
        """Any of the problems, for what they share."""
        return next(iter(self.problems.values()))

    def split(self, parts: int) -> list[Group]:
        """The problems spread evenly over at most ``parts`` groups, which changes no result."""
        numbers = list(self.problems)
        parts = max(1, min(parts, len(numbers)))
        return [
            Group({number: self.problems[number] for number in numbers[part::parts]}, self.in_machine, self.request)
            for part in range(parts)
        ]

    def reject(self, error: InputError) -> None:
        """Leave out the problems that an error is about: the task that it names, or else all, which share a request."""
        wrong = [number for number, each in self.problems.items() if error.task in (None, each.task.id)]
        if not wrong:
            raise error
        for number in wrong:
            del self.problems[number]
            self.rejected[number] = error


@dataclass(frozen=True)
class GroupSearchMethod(SearchMethod):
    """Methods that search all tasks of one domain, library and request together, batch by batch."""

    parallel = "processes"

    batch: int = setting(4096, help="frontiers to search together before any is written", unit="frontiers", minimum=1)

    @abstractmethod
    def search(self, group: Group) -> Mapping[int, SearchResult]:
        """The result for each problem of a group, by its number.

        InputError about one task, by its id, or about all: the frame leaves it out and searches the others again.
        """

    def enough(self, frontier: Frontier) -> bool:
        """Whether a frontier has what a search could find, and passes unchanged."""
        return False

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records in order, each frontier with the programs found for its task."""
        yield from with_honest_end(self._run(records, context))

    def _run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        for batch in batches(scoped(records, context.library_for), self.batch):
            stop = Stop()
            problems: dict[int, Problem] = {}
            rejected: dict[int, InputError] = {}
            for number, (record, scope) in enumerate(batch):
                if isinstance(record, Frontier) and record.task is not None and not self.enough(record):
                    try:
                        problems[number] = self._problem(record, scope, context, stop)
                    except InputError as error:
                        rejected[number] = error
            results: dict[int, SearchResult] = {}
            interrupted = False
            try:
                for found, wrong in self._results(problems, context, stop):
                    results |= found
                    rejected |= wrong
            except KeyboardInterrupt:
                interrupted = True
                unsearched = problems.keys() - results.keys() - rejected.keys()
                results |= dict.fromkeys(unsearched, INTERRUPTED)
            for number, (record, _) in enumerate(batch):
                if isinstance(record, Frontier) and number in rejected:
                    if context.bad_input(record.error(rejected[number].message)):
                        yield record
                elif isinstance(record, Frontier) and number in results:
                    yield self.finished(record, problems[number], results[number], context)
                else:
                    yield record
            if interrupted:
                raise KeyboardInterrupt

    def _problem(self, frontier: Frontier, scope: Scope, context: Context, stop: Stop) -> Problem:
        problem = self.problem(frontier, scope, context, stop, context.jobs)
        problem.domain.require_lambda("be enumerated")
        if problem.task.request is None:
            raise InputError("a task to be enumerated needs a request")
        return problem

    def _results(
        self, problems: Mapping[int, Problem], context: Context, stop: Stop
    ) -> Iterator[tuple[Mapping[int, SearchResult], Mapping[int, InputError]]]:
        # A group judged outside the λ-machine is spread over processes by its evaluator.
        parts = [
            part for group in self._groups(problems) for part in group.split(context.jobs if group.in_machine else 1)
        ]
        context.progress.start(len(parts), "searches")
        work = (Work(partial(self._searched, part)) for part in parts)
        try:
            for result in in_order(work, jobs=context.jobs, stop=stop):
                context.progress.advance()
                yield result
        finally:
            context.progress.finish()

    def _searched(self, group: Group) -> Iterator[tuple[Mapping[int, SearchResult], Mapping[int, InputError]]]:
        while group.problems:
            if group.first.stop.is_set():
                yield dict.fromkeys(group.problems, INTERRUPTED), group.rejected
                return
            try:
                yield self.search(group), group.rejected
                return
            except InputError as error:
                group.reject(error)
        yield {}, group.rejected

    def _groups(self, problems: Mapping[int, Problem]) -> list[Group]:
        groups: dict[tuple[int, bytes, str, bool], Group] = {}
        for number, problem in problems.items():
            with problem.domain.evaluator(problem.library, self.evaluation(), engines=problem.engines) as evaluator:
                in_machine = evaluator.matches_in_machine(problem.task)
            request = problem.task.request or ""
            key = (id(problem.library), encode(problem.lambda_weights), request, in_machine)
            groups.setdefault(key, Group({}, in_machine, request)).problems[number] = problem
        return list(groups.values())


# ---- programs from a model ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ProposalMethod(SearchMethod):
    """Methods that propose programs for many tasks at once, as policies and language models do; the frame judges."""

    random = True

    batch: int = setting(64, help="tasks that programs are proposed for together", unit="tasks", minimum=1)
    max_frontier: int = setting(5, minimum=1, maximum=LARGEST, unit="programs", help="best programs to keep for a task")

    @abstractmethod
    def propose(self, problems: Sequence[Problem]) -> list[list[Program]]:
        """Programs for each problem, in any of its domain's languages."""

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records in order, each frontier with the best programs proposed for its task."""
        context.progress.start(None, "tasks")
        yield from with_honest_end(self._run(records, context))

    def _run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        stop = Stop()
        for batch in batches(scoped(records, context.library_for), self.batch):
            finished = self._finished(batch, context, stop)
            for number, (record, _) in enumerate(batch):
                outcome = finished.get(number, record)
                if outcome is not None:
                    yield outcome

    def _finished(
        self, batch: Sequence[tuple[Record, Scope]], context: Context, stop: Stop
    ) -> dict[int, Frontier | None]:
        finished: dict[int, Frontier | None] = {}
        problems: dict[int, Problem] = {}
        for number, (record, scope) in enumerate(batch):
            if isinstance(record, Frontier) and record.task is not None:
                try:
                    problems[number] = self.problem(record, scope, context, stop, context.jobs)
                except InputError as error:
                    finished[number] = record if context.bad_input(record.error(error.message)) else None
        for number, programs in zip(problems, self.propose(list(problems.values())), strict=True):
            frontier, problem = batch[number][0], problems[number]
            assert isinstance(frontier, Frontier)
            result = SearchResult(self._best(problem, programs), len(programs), "budget")
            found = self.finished(frontier, problem, result, context)
            assert found.search is not None
            status = "solved" if found.solved else "budget"
            finished[number] = replace(found, search=replace(found.search, status=status))
            context.progress.advance()
        return finished

    def _best(self, problem: Problem, programs: list[Program]) -> list[Program]:
        """The best of the programs proposed, as they do on the visible task, each once."""
        distinct = list({(each.language, each.program): each for each in programs}.values())
        scored: list[Program] = []
        for language in dict.fromkeys(each.language for each in distinct):
            problem.domain.require_language(language)
            of_language = [each for each in distinct if each.language == language]
            with problem.domain.evaluator(
                problem.library, self.evaluation(), language=language, engines=problem.engines, jobs=problem.threads
            ) as evaluator:
                [verdicts] = evaluator.judge([(problem.task, [each.program for each in of_language])])
            scored += [judged(each, verdict) for each, verdict in zip(of_language, verdicts, strict=True)]
        return sorted(scored, key=quality, reverse=True)[: self.max_frontier]

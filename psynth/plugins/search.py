"""The frame of every search, which hides held-out data, distributes and interrupts work, and judges the results.

A search receives `Problem`s without held-out data; only the frame sees the whole task, on which it judges the programs
that a search keeps. There are three kinds of methods: `GroupSearchMethod` searches tasks of one type together,
`TaskSearchMethod` one task after the other with metrics of its progress, and `ProposalMethod` proposes programs for
many tasks at once, which the frame judges.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, TypeAlias

from psynth.core.engines.leases import Engines
from psynth.core.errors import InputError
from psynth.core.seeds import derive
from psynth.core.stream.merging import SEARCH_STATUSES
from psynth.core.stream.records import (
    Contextual,
    Cut,
    End,
    Frontier,
    Library,
    Model,
    Origin,
    Program,
    Record,
    Search,
    Task,
    Weights,
    quality,
    ran_out,
    same_task,
    worst,
)
from psynth.core.stream.scope import Scope
from psynth.core.work import Stop
from psynth.plugins.domain import LAMBDA, Domain
from psynth.plugins.evaluator import Budget, Verdict, judged
from psynth.plugins.method import Context, Method
from psynth.plugins.task_data import weights_fault
from psynth.plugins.visible_task import VisibleTask

SearchStatus: TypeAlias = Literal["solved", "budget", "exhausted", "interrupted"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One task to search, as a search may see it.

    ``starts`` are the λ-terms of its frontier, best first. ``model`` is the nearest one of the method's kind and the
    task's domain, if any. ``weights`` give the probabilities of productions for this task, in place of the library's
    weights; `lambda_weights` is their form for the λ-machine. ``seed`` has 63 bits. ``threads`` is the number of
    threads or processes that the search may use; it changes no result. ``stop`` is set to request that the search end
    and return its results so far.
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
    note: Callable[[str], None] = lambda message: None
    verbose: bool = False

    @property
    def request(self) -> str:
        """The type of the wanted program; InputError if the task has none."""
        if self.task.request is None:
            raise InputError("it has no request, the type of the wanted program", task=self.task.id)
        return self.task.request

    @property
    def lambda_weights(self) -> dict[str, Any] | None:
        """The weights for this task in the form of the λ-machine; None if the library's weights apply."""
        return None if self.weights is None else self.weights.to_json()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The result of a search for one task.

    ``programs`` are the best ones, best first. If ``judged`` is set, they have verdicts of the domain's evaluator on
    the visible task, which the frame completes only if the task has held-out data; otherwise the frame judges them.
    ``gain`` is that of the best program as observed by the search. ``tried`` counts programs; all programs cheaper than
    ``max_cost`` (nats) were tried. ``distinct`` counts programs that were kept to build others from, and ``cut`` what
    was not tried for lack of steps, size or memory.
    """

    programs: Sequence[Program]
    tried: int
    status: SearchStatus
    gain: float | None = None
    max_cost: float | None = None
    cpu_seconds: float | None = None
    judged: bool = False
    distinct: int | None = None
    cut: Cut | None = None


INTERRUPTED = SearchResult([], 0, "interrupted", max_cost=0.0)
"""The result of a search that was interrupted before it began."""


@dataclass(frozen=True)
class SearchMethod(Method):
    """The base class of all searches: the budget, and the completion of a frontier with the programs found."""

    resumable = True
    timed = True
    name: ClassVar[str]
    model_kind: ClassVar[str | None] = None
    """The kind of models that the search uses, if any."""

    def evaluation(self) -> Budget:
        """The limits of one evaluation."""
        return Budget()

    def problem(self, frontier: Frontier, scope: Scope, context: Context, stop: Stop, threads: int = 1) -> Problem:
        """The problem of a frontier's task; InputError if it cannot be searched."""
        assert frontier.task is not None
        domain = context.domain(frontier.task.domain)
        library = scope.library(frontier)
        fault = None if frontier.weights is None else weights_fault(frontier.weights, library)
        if fault is not None:
            raise InputError(fault)
        return Problem(
            task=domain.visible(frontier.task),
            domain=domain,
            library=library,
            starts=tuple(each.program for each in frontier.programs if each.language == LAMBDA),
            seed=derive(context.seed, context.command, frontier.task.id),
            engines=context.engines,
            stop=stop,
            weights=frontier.weights,
            model=None if self.model_kind is None else scope.model(self.model_kind, domain.name),
            threads=threads,
            warn=context.warn,
            note=context.note,
            verbose=context.verbose,
        )

    def finished(self, frontier: Frontier, problem: Problem, result: SearchResult, context: Context) -> Frontier:
        """The frontier with the programs found, judged on the whole task: the only use of held-out data."""
        found = [replace(each, origin=each.origin or Origin(by=self.name)) for each in result.programs]
        assert frontier.task is not None
        if found and not (result.judged and same_task(frontier.task, problem.task)):
            found = self.with_verdicts(problem, frontier.task, found)
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
            distinct=result.distinct,
            cut=result.cut,
        )
        kept = self.kept(sorted(programs.values(), key=quality, reverse=True))
        return replace(frontier, programs=kept, search=_better(frontier.search, search))

    def kept(self, programs: list[Program]) -> tuple[Program, ...]:
        """The programs that a frontier keeps, of its own and those found, best first: by default all."""
        return tuple(programs)

    def with_verdicts(
        self, problem: Problem, task: Task, found: Sequence[Program], *, outputs: bool = False
    ) -> list[Program]:
        """Programs in any of the domain's languages with the verdicts on a task: the problem's own or the whole one.

        With ``outputs`` they also have their outputs, null where they failed.
        """
        verdicts: dict[tuple[str, str], Verdict] = {}
        for language in dict.fromkeys(each.language for each in found):
            problem.domain.require_language(language)
            texts = [each.program for each in found if each.language == language]
            with problem.domain.evaluator(
                problem.library, self.evaluation(), language=language, engines=problem.engines, jobs=problem.threads
            ) as evaluator:
                [answers] = evaluator.judge([(task, texts)])
            verdicts |= zip(((language, text) for text in texts), answers, strict=True)
        return [judged(each, verdicts[each.language, each.program], outputs=outputs) for each in found]


def _better(before: Search | None, search: Search) -> Search:
    """The statistics of a search, or those of an earlier one by the same method that got further.

    An interrupted search always counts, since it is to be made again.
    """
    if before is None or before.method != search.method or "interrupted" in (before.status, search.status):
        return search
    return before if _extent(before) > _extent(search) else search


def _extent(search: Search) -> tuple[int, float, float]:
    """How far a search got: its status, then the cost below which all was tried, then the reward."""
    status = SEARCH_STATUSES.index(search.status) if search.status is not None else -1
    bounds = (-math.inf if bound is None else bound for bound in (search.max_cost, search.reward))
    return status, *bounds  # type: ignore[return-value]


def _updated(known: Program, found: Program) -> Program:
    """A program of the frontier, with the new verdict if it was found again."""
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
    """Yield records, with the end status ``budget`` if the search of some frontier ran out of its budget."""
    incomplete = False
    for record in records:
        incomplete = incomplete or ran_out(record)
        if isinstance(record, End) and incomplete:
            record = replace(record, status=worst(record.status, "budget"))
        yield record

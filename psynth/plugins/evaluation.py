"""Evaluating programs: the method behind ``psynth evaluate``, for a stream and for one program."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeGuard

from psynth.core.calculus.inference import IllTyped, infer
from psynth.core.calculus.interpreter import FUNCTION_RESULT
from psynth.core.calculus.terms import TermSyntaxError, parse_term
from psynth.core.calculus.types import arguments_of
from psynth.core.errors import InputError, UsageError
from psynth.core.evaluation_limits import MEGABYTE, fuel_setting, memory_setting, size_setting
from psynth.core.languages import grammar_of
from psynth.core.limits import DEFAULT_SECONDS
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Library, Program, Record, Task, quality
from psynth.core.stream.scope import Scope, batches, scoped
from psynth.core.wording import counted
from psynth.plugins.all_tasks import AllTasks
from psynth.plugins.answers import RANKS, Judged, answers_of
from psynth.plugins.cascade import cascade_setting, with_cascade
from psynth.plugins.domain import LAMBDA
from psynth.plugins.evaluator import Budget, Evaluator, Verdict, judged
from psynth.plugins.method import TASKS, Context, Method

BATCH = 64
"""Number of records whose programs are judged in one batch, so that engines are called rarely."""


@dataclass(frozen=True)
class Evaluate(Method):
    """Run programs on their tasks' examples and record the results.

    Each program gets a status, a score and a log-likelihood, and the programs of a frontier are sorted best first. A
    program that cannot be run at all (unreadable, ill typed, unknown primitives) has status error, with the reason as
    its message. Programs of a task without anything to judge them by stay as they are.

    With --all-tasks every program is judged on every task, and written only where it is right on an example that is
    not held out, or has a score above 0: in place of the frontiers that are read, those of such tasks are written, a
    batch of programs after the other, so that memory does not grow with their number. psynth merge makes one frontier
    of each task, after which --rank has answers to rank. The tasks are those of the stream, which is then held on disk
    until all are known, or with --tasks those of a file, which are held in memory. With --quick only the smallest
    example counts. A program's origin.evaluations is its place among those judged, and metrics say how many tasks are
    solved, and in part, by how many programs.
    """

    resumable = True
    parallel = "processes"
    timed = True

    fuel: int = fuel_setting()
    size: int = size_setting(was="--size")
    seconds: float = setting(
        DEFAULT_SECONDS,
        minimum=0.001,
        unit="seconds",
        flag="--timeout",
        was="--seconds",
        help="maximum time of one evaluation, if programs run in Python (of CPU for Python source)",
    )
    memory: int = memory_setting()
    outputs: bool = setting(False, help="also write the outputs of each program")
    cascade: tuple[str, ...] = cascade_setting()
    rank: str | None = setting(
        None,
        choices=RANKS,
        help="also write with how many answers, at most three, the tests are solved, and in which order: the programs "
        "best on the shown examples, short or likely ones first, or a vote of those that are right on all of them",
    )
    descriptors: bool = setting(False, help="also write behavior descriptors, if the domain has them")
    all_tasks: bool = setting(
        False,
        main=True,
        help="judge every program on every task of its domain, and write what is right on an example at least",
    )
    tasks: Path | None = setting(None, file="read", main=True, help="with --all-tasks, those of this stream instead")
    quick: bool = setting(
        False, help="with --all-tasks, write only what is right on the smallest example: about four times as fast"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.tasks is not None or self.quick) and not self.all_tasks:
            raise UsageError(f"{'--quick' if self.quick else '--tasks FILE'} is for --all-tasks; give both")
        if self.all_tasks and self.rank is not None:
            raise UsageError(
                "--rank needs all programs of a task at once: psynth evaluate --all-tasks … | psynth merge - | "
                "psynth evaluate --rank ORDER"
            )

    def check_resumable(self) -> None:
        """Raise UsageError with --all-tasks, where a result depends on the whole stream."""
        if self.all_tasks:
            raise UsageError("--all-tasks makes frontiers of the whole stream, and cannot --resume")

    def budget(self) -> Budget:
        """The limits of one evaluation."""
        return Budget(self.fuel, self.size, self.seconds, self.memory * MEGABYTE)

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records, with the programs of every frontier judged."""
        if self.all_tasks:
            with OpenEvaluators(context, self.budget(), self.cascade) as evaluators:
                judge = partial(self._judged, evaluators, context)
                yield from AllTasks(context, evaluators.of, judge, self.quick).run(records, self.tasks)
            return
        if context.timing:
            raise UsageError("--timing needs --all-tasks, whose metrics may have CPU seconds")
        context.progress.start(None, TASKS)
        lacking = having = unjudged = 0
        with OpenEvaluators(context, self.budget(), self.cascade) as evaluators:
            for batch in batches(scoped(records, context.library_for), BATCH):
                work = [_Work(record, scope) for record, scope in batch if _has_programs(record)]
                having += len(work)
                lacking += sum(isinstance(record, Frontier) and not record.programs for record, _ in batch)
                self._judge(work, evaluators, context)
                evaluators.close_replaced()
                finished = iter(work)
                for record, _ in batch:
                    if not _has_programs(record):
                        context.progress.passed(record)
                        yield record
                        continue
                    of_frontier = next(finished)
                    unjudged += of_frontier.unjudged
                    if of_frontier.rejected is None:
                        judged = of_frontier.frontier(self.rank)
                        context.progress.passed(judged)
                        yield judged
                        continue
                    context.progress.advance(solved=0)
                    if context.bad_input(of_frontier.rejected):
                        yield record
        if lacking and not having:
            context.warn(f"{counted(lacking, 'frontier')} without a program: there is nothing to evaluate")
        if unjudged:
            context.warn(
                f"{counted(unjudged, 'task has', 'tasks have')} nothing to judge programs by; they are unchanged"
            )

    def makes(self, frontier: Frontier, result: Frontier) -> bool:
        """Whether both have the same programs."""
        before, after = (
            [(each.language, each.program, each.log_prior, each.origin) for each in both.programs]
            for both in (frontier, result)
        )
        return len(before) == len(after) and all(each in after for each in before)

    def _judged(
        self, evaluators: OpenEvaluators, context: Context, frontiers: Sequence[tuple[Frontier, Scope]]
    ) -> Iterator[Record]:
        """Yield frontiers with their programs judged."""
        work = [_Work(frontier, scope) for frontier, scope in frontiers]
        self._judge(work, evaluators, context)
        for each in work:
            if each.rejected is None:
                yield each.frontier(self.rank)
            elif context.bad_input(each.rejected):
                yield each.record
        evaluators.close_replaced()

    def _judge(self, work: Sequence[_Work], evaluators: OpenEvaluators, context: Context) -> None:
        """Judge the programs of some frontiers, in one batch for each domain, language and library."""
        groups: dict[Evaluator, list[tuple[_Work, list[int]]]] = {}
        for each in work:
            for language, places in each.by_language().items():
                try:
                    evaluator = evaluators.of(each.record, each.scope, language)
                except InputError as error:
                    each.refuse(places, error, context)
                else:
                    groups.setdefault(evaluator, []).append((each, places))
        for evaluator, group in groups.items():
            for (each, places), verdicts in zip(group, _verdicts(evaluator, group), strict=True):
                if each.rejected is not None:
                    continue
                behavior = context.domain(each.task.domain).behavior() if self.descriptors else None
                each.unjudged = each.unjudged or any(verdict.says_nothing for verdict in verdicts)
                for place, verdict in zip(places, verdicts, strict=True):
                    each.outputs[place] = [outcome.value for outcome in verdict.outputs]
                    program = judged(each.record.programs[place], verdict, outputs=self.outputs)
                    descriptor = None if behavior is None else behavior.of_verdict(program, verdict)
                    if descriptor is not None:
                        program = dataclasses.replace(program, descriptor=descriptor)
                    each.programs[place] = program


def _has_programs(record: Record) -> TypeGuard[Frontier]:
    return isinstance(record, Frontier) and record.task is not None and bool(record.programs)


class _Work:
    """A frontier with programs to judge.

    ``rejected`` is the error in its task, if any; ``unjudged`` whether there is nothing to judge its programs by.
    """

    def __init__(self, record: Frontier, scope: Scope) -> None:
        assert record.task is not None
        self.record, self.scope, self.task = record, scope, record.task
        self.programs: dict[int, Program] = dict(enumerate(record.programs))
        self.outputs: dict[int, list[Any]] = {}
        self.rejected: InputError | None = None
        self.unjudged = False

    def by_language(self) -> dict[str, list[int]]:
        """The positions of the programs, by language."""
        places: dict[str, list[int]] = {}
        for place, program in self.programs.items():
            places.setdefault(program.language, []).append(place)
        return places

    def refuse(self, places: Sequence[int], error: InputError, context: Context) -> None:
        """Keep or drop, according to ``--on-error``, the programs that no evaluator runs."""
        for place in places:
            if not context.bad_input(self.record.error(error.message)):
                del self.programs[place]

    def job(self, places: Sequence[int]) -> tuple[Task, list[str]]:
        """The task with some of the programs."""
        return self.task, [self.programs[place].program for place in places]

    def frontier(self, rank: str | None) -> Frontier:
        """The frontier with the programs judged, best first, and with its answers in the order of ``rank``, if any."""
        programs = sorted(self.programs.values(), key=quality, reverse=True)
        frontier = dataclasses.replace(self.record, programs=tuple(programs))
        if rank is None:
            return frontier
        ran = [
            Judged(program, self.outputs[place])
            for place, program in self.programs.items()
            if len(self.outputs.get(place, ())) == len(self.task.examples)
        ]
        return dataclasses.replace(frontier, answers=answers_of(self.task, ran, rank))


def _verdicts(evaluator: Evaluator, group: Sequence[tuple[_Work, list[int]]]) -> list[list[Verdict]]:
    """The verdicts on each frontier's programs; a frontier with invalid task data is rejected."""
    try:
        return evaluator.judge([work.job(places) for work, places in group])
    except InputError as error:
        if len(group) > 1:
            return [verdicts for each in group for verdicts in _verdicts(evaluator, [each])]
        [(work, _)] = group
        work.rejected = work.record.error(error.message)
        return [[]]


class OpenEvaluators:
    """The evaluators in use, one for each domain, language and library; a context manager, which closes them."""

    def __init__(self, context: Context, budget: Budget, cascade: Sequence[str] = ()) -> None:
        self._context, self._budget, self._cascade = context, budget, cascade
        self._open: dict[tuple[str, str, int], tuple[Library, Evaluator]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *why: object) -> None:
        with contextlib.ExitStack() as stack:
            for _, evaluator in self._open.values():
                stack.callback(evaluator.close)

    def of(self, frontier: Frontier, scope: Scope, language: str) -> Evaluator:
        """The evaluator for a frontier's programs in a language; InputError if the domain cannot run such programs."""
        assert frontier.task is not None
        domain = self._context.domain(frontier.task.domain)
        domain.require_language(language)
        library = scope.library(frontier)
        key = (domain.name, language, id(library))
        if key not in self._open:
            evaluator = domain.evaluator(
                library, self._budget, language=language, engines=self._context.engines, jobs=self._context.jobs
            )
            # The library is kept alive, so that no other library gets its identity.
            self._open[key] = (library, with_cascade(evaluator, self._cascade))
        return self._open[key][1]

    def close_replaced(self) -> None:
        """Close the evaluators of libraries that have been replaced."""
        newest = {key[:2]: key for key in self._open}
        for key in [key for key in self._open if newest[key[:2]] != key]:
            _, evaluator = self._open.pop(key)
            evaluator.close()


def evaluate_once(
    program: str,
    arguments: Sequence[Any],
    library: Library,
    request: str | None,
    settings: Evaluate,
    context: Context,
    language: str | None = None,
) -> Any:
    """The result of one program for one list of arguments, as JSON; InputError with the reason if it has none.

    ``language`` is that of the program, None the domain's usual one.
    """
    domain = context.domain(library.domain)
    language = language or next(iter(domain.languages))
    domain.require_language(language)
    if request is not None and language != LAMBDA:
        raise UsageError(f"programs in {language} have no type to request")
    with domain.evaluator(library, settings.budget(), language=language, engines=context.engines) as evaluator:
        [outcome] = evaluator.run(program, request, [list(arguments)])
    if outcome.status == "ok":
        return outcome.value
    limits = {
        "fuel": f"more than {settings.fuel} steps (--fuel)",
        "memory": f"more than {settings.size} cells (--max-cells) or {settings.memory} megabytes (--memory)",
        "timeout": f"more than {settings.seconds:g} seconds (--timeout)",
    }
    why = outcome.message or limits.get(outcome.status, "")
    taken = _arity(program, library) if language == LAMBDA and outcome.status == "error" else None
    # A program with too few arguments can fail for another reason, as can a drawing, which needs none.
    if taken is not None and (
        taken < len(arguments) or (taken > len(arguments) and outcome.message == FUNCTION_RESULT)
    ):
        raise InputError(f"the program takes {counted(taken, 'argument')}, {len(arguments)} given")
    raise InputError(f"the program failed with status {outcome.status}" + (f": {why}" if why else ""))


def _arity(program: str, library: Library) -> int | None:
    """The number of arguments that a λ-term takes by its type; None for what has no type."""
    try:
        return len(arguments_of(infer(parse_term(program), grammar_of(library).types)))
    except (TermSyntaxError, IllTyped, InputError):
        return None

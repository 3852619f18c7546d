"""Evaluating programs: the method behind ``psynth evaluate``, for a stream and for one program."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from psynth.core.errors import InputError
from psynth.core.limits import DEFAULT_FUEL, DEFAULT_SIZE, LARGEST
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Library, Program, Record, Task, quality
from psynth.plugins.domain import Budget, Evaluator, Verdict
from psynth.plugins.method import Context, Method

BATCH = 64
"""Frontiers that are judged in one go, so that an engine is asked seldom."""


@dataclass(frozen=True)
class Evaluate(Method):
    """Run programs on their tasks' examples and write down how they did.

    Each program gets a status, a score and a log-likelihood, and the programs of a frontier are put best first. A
    program that cannot be run at all (unreadable, ill typed, unknown primitives) has status error, with the reason as
    its message.
    """

    resumable: ClassVar[bool] = True

    fuel: int = setting(DEFAULT_FUEL, minimum=1, maximum=LARGEST, unit="steps", help="maximum steps of one evaluation")
    size: int = setting(
        DEFAULT_SIZE,
        minimum=1,
        maximum=LARGEST,
        unit="cells",
        help="maximum list cells and characters that one evaluation allocates",
    )
    outputs: bool = setting(False, help="also write the outputs of each program")

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records with every frontier's programs judged."""
        context.progress.start(None, "frontiers")
        with _Judges(context, Budget(self.fuel, self.size)) as judges:
            for frontiers, other in _batches(records):
                yield from self._judged(frontiers, judges, context)
                if isinstance(other, Library):
                    judges.adopt(other)
                if other is not None:
                    yield other

    def _judged(self, frontiers: Sequence[Frontier], judges: _Judges, context: Context) -> Iterator[Frontier]:
        jobs: dict[str, list[tuple[Task, list[str]]]] = {}
        for frontier in frontiers:
            assert frontier.task is not None
            texts = [program.program for program in frontier.programs if program.language == "lambda"]
            jobs.setdefault(frontier.task.domain, []).append((frontier.task, texts))
        answers = {domain: iter(judges.judge(domain, of_domain)) for domain, of_domain in jobs.items()}
        for frontier in frontiers:
            assert frontier.task is not None
            verdicts = iter(next(answers[frontier.task.domain]))
            programs = []
            for program in frontier.programs:
                if program.language == "lambda":
                    programs.append(judged(program, next(verdicts), outputs=self.outputs))
                elif context.bad_input(
                    frontier.error(f"a program in {program.language} is none that λ-terms' domain runs")
                ):
                    programs.append(program)
            context.progress.advance()
            yield dataclasses.replace(frontier, programs=tuple(sorted(programs, key=quality, reverse=True)))


def _batches(records: Iterator[Record]) -> Iterator[tuple[list[Frontier], Record | None]]:
    """Some frontiers that hold programs, with the record of another kind that comes after them, if that ends the batch.

    What stands before a bad line comes before the error.
    """
    waiting: list[Frontier] = []
    try:
        for record in records:
            if not isinstance(record, Frontier) or record.task is None or not record.programs:
                yield waiting, record
                waiting = []
            else:
                waiting.append(record)
                if len(waiting) == BATCH:
                    yield waiting, None
                    waiting = []
    except InputError:
        yield waiting, None
        raise
    yield waiting, None


class _Judges:
    """An evaluator for each domain, for the library that stands nearest before."""

    def __init__(self, context: Context, budget: Budget) -> None:
        self._context, self._budget = context, budget
        self._libraries: dict[str, Library] = {}
        self._evaluators: dict[str, Evaluator] = {}

    def __enter__(self) -> _Judges:
        return self

    def __exit__(self, *why: object) -> None:
        for evaluator in self._evaluators.values():
            evaluator.close()

    def adopt(self, library: Library) -> None:
        """Use this library for its domain from now on."""
        self._libraries[library.domain] = library
        old = self._evaluators.pop(library.domain, None)
        if old is not None:
            old.close()

    def judge(self, domain: str, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        if domain not in self._evaluators:
            library = self._libraries.get(domain) or self._context.library_for(domain)
            self._evaluators[domain] = self._context.domain(domain).evaluator(library, self._budget)
        return self._evaluators[domain].judge(jobs)


def judged(program: Program, verdict: Verdict, *, outputs: bool = False) -> Program:
    """A program with the verdict on it; with ``outputs`` also what it gave, null where it gave nothing."""
    extra: dict[str, Any] = {**program.extra}
    extra.pop("message", None)
    if verdict.held_out is not None:
        extra["held_out"] = verdict.held_out
    if verdict.rejected is not None:
        extra["message"] = verdict.rejected.message
    return dataclasses.replace(
        program,
        log_likelihood=verdict.log_likelihood,
        score=verdict.score,
        reward=program.reward if verdict.reward is None else verdict.reward,
        held_out_reward=program.held_out_reward if verdict.held_out_reward is None else verdict.held_out_reward,
        status=verdict.status,
        outputs=[outcome.value for outcome in verdict.outputs] if outputs else program.outputs,
        extra=extra,
    )


def evaluate_once(
    program: str, arguments: Sequence[Any], library: Library, request: str | None, settings: Evaluate, context: Context
) -> Any:
    """What one program gives for one list of arguments, as JSON; InputError says why if it gives nothing."""
    budget = Budget(settings.fuel, settings.size)
    with context.domain(library.domain).evaluator(library, budget) as evaluator:
        [outcome] = evaluator.run(program, request, [list(arguments)])
    if outcome.status == "ok":
        return outcome.value
    limits = {
        "fuel": f"more than {settings.fuel} steps (--fuel)",
        "memory": f"more than {settings.size} cells (--size)",
    }
    why = outcome.message or limits.get(outcome.status, "")
    raise InputError(f"the program failed with status {outcome.status}" + (f": {why}" if why else ""))

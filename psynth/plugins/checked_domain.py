"""The base class of domains of Python programs whose answers are checked by code that belongs to the task."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psynth.core.engines.sandbox import SandboxJob
from psynth.core.errors import InputError
from psynth.core.stream.records import Task
from psynth.plugins.evaluator import Budget, Outcome, ProgramError, Verdict
from psynth.plugins.source_domain import SourceDomain, SourceEvaluator
from psynth.plugins.source_runner import Answer

if TYPE_CHECKING:
    from psynth.core.engines.leases import Engines


@dataclass(frozen=True, slots=True)
class Checker:
    """The checker of a task: Python source whose ``function`` gets an answer, then ``inputs``, and must return True."""

    source: str
    function: str
    inputs: Sequence[Any] = ()


class CheckedDomain(SourceDomain):
    """A domain of Python programs, called once for a task, whose answer the task's own checker accepts or not.

    The checker runs in the sandbox too, in a process of its own: the program cannot reach it, nor can it harm psynth.
    """

    @abstractmethod
    def checker(self, task: Task) -> Checker:
        """The checker of a task; InputError if it has none."""

    def objection(self, task: Task, answer: Any) -> str | None:
        """Why an answer is wrong without asking the checker, as one of the wrong type; None to ask it."""
        return None

    def verdict(self, task: Task, outcomes: Sequence[Outcome]) -> Verdict:
        """The verdict from the outcome of the program and, if there is one, of the checker after it."""
        outcome, *checked = outcomes
        if outcome.status != "ok":
            return Verdict(outcome.status, -math.inf, 0.0, outputs=(outcome,), message=outcome.message)
        message = self.objection(task, outcome.value)
        status = "ok"
        if message is None:
            [check] = checked
            message = _complaint(check)
            # A checker may well fail on a wrong answer, but one that is cut short has said nothing about it.
            status = "ok" if check.status == "error" else check.status
        solved = message is None
        return Verdict(status, 0.0 if solved else -math.inf, float(solved), outputs=(outcome,), message=message)

    def _evaluator(self, budget: Budget, jobs: int, engines: Engines | None) -> SourceEvaluator:
        """What ``evaluator`` returns: it runs programs, and then checkers, and the budget applies to both."""
        return CheckedEvaluator(self, budget, jobs, engines)


def _complaint(check: Outcome) -> str | None:
    """Why a checker did not accept an answer; None if it did."""
    if check.status != "ok":
        return f"the checker failed: {check.message}"
    if check.value is True:
        return None
    if check.value is False:
        return "the checker returned False"
    return f"the checker returned a value of type {type(check.value).__name__}, not True"


class CheckedEvaluator(SourceEvaluator):
    """Runs programs, then for each answer its task's checker; both in processes of their own, in the sandbox."""

    _domain: CheckedDomain

    def __init__(self, domain: CheckedDomain, budget: Budget, jobs: int = 1, engines: Engines | None = None) -> None:
        super().__init__(domain, budget, jobs, engines)

    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        """Run every program, check the answers, all in two batches, and judge."""
        for task, _ in jobs:
            self._domain.checker(task)  # a task without a checker is refused before anything runs
        return super().judge(jobs)

    def run_jobs(self, jobs: Sequence[SandboxJob]) -> list[Answer]:
        """Run functions of any Python source in the evaluator's sandbox: one answer for each job, in order."""
        return self._runner.run(jobs)

    def _verdicts(self, answered: Sequence[tuple[Task, Sequence[Answer]]]) -> list[list[Verdict]]:
        return self.check(answered)

    def check(self, answered: Sequence[tuple[Task, Sequence[Answer]]]) -> list[list[Verdict]]:
        """The verdicts on answers of programs, whatever ran these, for each task; checkers run in one batch."""
        flat = [(task, answer) for task, answers in answered for answer in answers]
        checks = {place: self._check(task, answer) for place, (task, answer) in enumerate(flat)}
        asked = {place: check for place, check in checks.items() if check is not None}
        checked = dict(zip(asked, self._runner.run(list(asked.values())), strict=True))
        places = iter(range(len(flat)))
        return [
            [self._with_check(task, answer, checked.get(next(places))) for answer in answers]
            for task, answers in answered
        ]

    def _check(self, task: Task, answer: Answer) -> SandboxJob | None:
        """The check of a program's answer; None if there is nothing that only the checker can judge."""
        if isinstance(answer, ProgramError):
            return None
        [outcome] = answer
        if outcome.status != "ok" or self._domain.objection(task, outcome.value) is not None:
            return None
        checker = self._domain.checker(task)
        return SandboxJob(checker.source, checker.function, [[outcome.value, *checker.inputs]])

    def _with_check(self, task: Task, answer: Answer, check: Answer | None) -> Verdict:
        if isinstance(check, ProgramError):
            raise InputError(f"the checker cannot be run: {check.message}", task=task.id)
        if check is None or isinstance(answer, ProgramError):
            return self._verdict(task, answer)
        return self._verdict(task, [*answer, *check])

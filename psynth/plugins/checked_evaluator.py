"""The evaluator of Python programs whose answers are checked by code: the program and its checker never meet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from psynth.core.engines.sandbox import SandboxJob
from psynth.core.errors import InputError
from psynth.core.stream.records import Task
from psynth.plugins.evaluator import Budget, ProgramError, Verdict
from psynth.plugins.source_evaluator import Answer, SourceEvaluator

if TYPE_CHECKING:
    from psynth.plugins.checked_domain import CheckedDomain


class CheckedEvaluator(SourceEvaluator):
    """Runs programs, then for each answer its task's checker; both in processes of their own, in the sandbox."""

    _domain: CheckedDomain

    def __init__(self, domain: CheckedDomain, budget: Budget, jobs: int = 1) -> None:
        super().__init__(domain, budget, jobs)

    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        """Run every program, check the answers, all in two batches, and judge."""
        for task, _ in jobs:
            self._domain.checker(task)  # a task without a checker is refused before anything runs
        return super().judge(jobs)

    def _verdicts(self, answered: Sequence[tuple[Task, Sequence[Answer]]]) -> list[list[Verdict]]:
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

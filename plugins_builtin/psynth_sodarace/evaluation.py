"""Evaluators of both languages: the sandbox or worker processes run programs, and the walkers move in this process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from psynth.core.stream.records import Library, Task
from psynth.plugins.evaluator import Budget, Job, Verdict
from psynth.plugins.python_domain import PythonDomain, PythonEvaluator
from psynth.plugins.source_domain import SourceDomain, SourceEvaluator
from psynth.plugins.source_runner import Answer
from psynth_sodarace.judging import verdicts

if TYPE_CHECKING:
    from psynth.core.engines.leases import Engines
    from psynth.core.engines.python_workers import PythonWorkers

NO_ARGUMENTS: Sequence[Sequence[object]] = ((),)
"""The inputs of a program: one call without arguments."""


class PythonWalkers(SourceEvaluator):
    """Judges walkers that Python source makes."""

    def __init__(self, domain: SourceDomain, budget: Budget, jobs: int = 1, engines: Engines | None = None) -> None:
        super().__init__(domain, budget, jobs, engines)
        self._threads = jobs

    def _verdicts(self, answered: Sequence[tuple[Task, Sequence[Answer]]]) -> list[list[Verdict]]:
        return [verdicts(task, answers, self._threads) for task, answers in answered]


class LambdaWalkers(PythonEvaluator):
    """Judges walkers that λ-terms make."""

    def __init__(
        self, domain: type[PythonDomain], library: Library, budget: Budget, workers: PythonWorkers, jobs: int = 1
    ) -> None:
        super().__init__(domain, library, budget, workers, jobs)
        self._threads = jobs

    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        """Run every program, all in one batch, and judge the walkers."""
        batch = [Job(program, NO_ARGUMENTS, task.request) for task, programs in jobs for program in programs]
        answers = iter(self.run_all(batch))
        return [verdicts(task, [next(answers) for _ in programs], self._threads) for task, programs in jobs]

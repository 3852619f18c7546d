"""The evaluator of formulas as λ-terms: values at all points at once where that is possible, else worker processes."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from typing import Any

from psynth.core.engines.python_workers import PythonWorkers
from psynth.core.stream.records import Library, Task
from psynth.plugins.evaluator import Budget, Job, Outcome, ProgramError, Verdict
from psynth.plugins.python_domain import PythonDomain, PythonEvaluator
from psynth_symbolic.columns import Columns, Points
from psynth_symbolic.judging import is_right, squared_error, verdict_of

BEST = 64
"""Programs of a batch that a search keeps besides solutions."""


class FormulaEvaluator(PythonEvaluator):
    """Judges formulas by their errors, so that a search keeps the best ones if none is right."""

    def __init__(
        self, domain: PythonDomain, library: Library, budget: Budget, workers: PythonWorkers, jobs: int = 1
    ) -> None:
        super().__init__(type(domain), library, budget, workers, jobs)
        names = [each.name for each in library.productions if each.definition is None]
        self._columns = Columns(names, domain.primitives, domain.literal_value, budget.fuel)

    def run_all(self, jobs: Sequence[Job]) -> list[list[Outcome] | ProgramError]:
        """One answer for each job, in order."""
        answers: list[list[Outcome] | ProgramError | None] = []
        for job in jobs:
            points = self._points(job.request, job.inputs)
            values = None if points is None else self._columns.values(job.program, points)
            answers.append([Outcome("ok", value) for value in values] if isinstance(values, list) else None)
        others = iter(super().run_all([job for job, each in zip(jobs, answers, strict=True) if each is None]))
        return [next(others) if answer is None else answer for answer in answers]

    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        """Run every program at all points of its task, all in one batch, and judge the values."""
        batch = [
            Job(program, inputs, task.request)
            for task, programs in jobs
            for inputs in [[example.inputs for example in task.examples]]
            for program in programs
        ]
        answers = iter(self.run_all(batch))
        return [[_verdict(task, next(answers)) for _ in programs] for task, programs in jobs]

    def promising(self, task: Task, programs: Sequence[str]) -> Sequence[str]:
        """The programs that are right at every training point, the best of the others, and those judged elsewhere."""
        shown = [example for example in task.examples if example.split != "test"]
        inputs, wanted = [example.inputs for example in shown], [example.output for example in shown]
        kept: set[int] = set()
        errors: list[tuple[float, int]] = []
        points = self._points(task.request, inputs)
        if points is None:
            return programs
        for place, program in enumerate(programs):
            values = self._columns.values(program, points)
            if values == "failing":
                continue
            if values is None or (is_right(values[0], wanted[0]) and all(map(is_right, values, wanted))):
                kept.add(place)
            else:
                errors.append((squared_error(values, wanted), place))
        kept.update(place for _, place in heapq.nsmallest(BEST, errors))
        return [program for place, program in enumerate(programs) if place in kept]

    def _points(self, request: str | None, inputs: Sequence[Sequence[Any]]) -> Points | None:
        """The points of inputs, if the type asked for is that of functions of as many real numbers."""
        points = self._columns.points(inputs)
        if points is None or request != " -> ".join(["real"] * (len(points.coordinates) + 1)):
            return None
        return points


def _verdict(task: Task, answer: list[Outcome] | ProgramError) -> Verdict:
    if isinstance(answer, ProgramError):
        return Verdict("error", -math.inf, 0.0, rejected=answer)
    return verdict_of(task, answer)

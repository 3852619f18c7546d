"""The evaluator of λ-terms: worker processes apply them to all pairs of a size and a space, and this process packs."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from psynth.core.stream.records import Task
from psynth.plugins.evaluator import Job, Verdict
from psynth.plugins.python_domain import PythonEvaluator
from psynth_bin_packing.instances import Class, Lot
from psynth_bin_packing.judging import from_vector, spaces


@functools.cache
def pairs(of_class: Class) -> Sequence[Sequence[list[int]]]:
    """The input of a term: the sizes and the spaces of all pairs."""
    found = [(size, space) for size, places in spaces(of_class) for space in places]
    return [[[size for size, _ in found], [space for _, space in found]]]


class LambdaPriorities(PythonEvaluator):
    """Judges priorities that λ-terms compute."""

    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        """Run every program, all in one batch, and pack the instances of its task."""
        lots = [Lot.of(task) for task, _ in jobs]
        batch = []
        for lot, (task, programs) in zip(lots, jobs, strict=True):
            inputs = pairs(lot.of_class)
            batch += [Job(program, inputs, task.request) for program in programs]
        answers = iter(self.run_all(batch))
        return [
            [from_vector(lot, next(answers)) for _ in programs] for lot, (_, programs) in zip(lots, jobs, strict=True)
        ]

"""The evaluator of answers as λ-terms, which run in worker processes; checkers judge the answers in the sandbox."""

from __future__ import annotations

import marshal
from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

from psynth.core.engines.leases import default_engines
from psynth.core.engines.sandbox import SandboxJob
from psynth.core.stream.records import Library, Task
from psynth.plugins.checked_domain import CheckedDomain, CheckedEvaluator, Checker
from psynth.plugins.evaluator import Budget, Job, Outcome, ProgramError, Verdict
from psynth.plugins.python_domain import PythonDomain, PythonEvaluator

if TYPE_CHECKING:
    from psynth.core.engines.leases import Engines

TOGETHER = 256
"""Answers that one process checks, one after the other."""
_ANEW = """


def psynth_checks_anew(answer, *inputs):
    import copy

    {function}.__defaults__ = copy.deepcopy(psynth_defaults)
    return {function}(answer, *inputs)


psynth_defaults = __import__("copy").deepcopy({function}.__defaults__)
"""
"""What is added to a checker so that no answer finds the defaults of its arguments as an earlier one left them."""


class TermEvaluator(PythonEvaluator):
    """Judges λ-terms by a task's checker. A search has all new answers of a batch checked in one process first."""

    exact_match = False

    def __init__(
        self,
        domain: type[PythonDomain],
        checked: CheckedDomain,
        library: Library,
        budget: Budget,
        engines: Engines | None,
        jobs: int = 1,
    ) -> None:
        super().__init__(domain, library, budget, (engines or default_engines()).python_workers, jobs)
        self._domain = checked
        self._checks = CheckedEvaluator(checked, budget, jobs, engines)
        self._refuted: dict[str, set[bytes]] = {}

    def close(self) -> None:
        """End the sandbox."""
        self._checks.close()
        super().close()

    def cancel(self) -> None:
        """End, from another thread, the current and all later calls with ``Canceled``."""
        self._checks.cancel()
        super().cancel()

    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        """Run every program, check the answers, each in a process of its own, and judge."""
        calls = [self._domain.calls(task) for task, _ in jobs]
        for task, _ in jobs:
            self._domain.checker(task)
        batch = [
            Job(program, inputs, task.request)
            for (task, programs), inputs in zip(jobs, calls, strict=True)
            for program in programs
        ]
        answers = iter(self.run_all(batch))
        return self._checks.check([(task, [next(answers) for _ in programs]) for task, programs in jobs])

    def promising(self, task: Task, programs: Sequence[str]) -> Sequence[str]:
        """The programs whose answers the checker accepts; each answer is checked once, with others in one process."""
        inputs = self._domain.calls(task)
        outcomes = self.run_all([Job(program, inputs, task.request) for program in programs])
        by_answer: dict[bytes, list[int]] = {}
        values: dict[bytes, Outcome] = {}
        refuted = self._refuted.setdefault(task.id, set())
        for place, answer in enumerate(outcomes):
            if isinstance(answer, ProgramError) or answer[0].status != "ok":
                continue
            key = blake2b(marshal.dumps(answer[0].value, 2), digest_size=12).digest()
            if key not in refuted:
                by_answer.setdefault(key, []).append(place)
                values[key] = answer[0]
        new = [key for key in by_answer if self._domain.objection(task, values[key].value) is None]
        accepted = self._accepted(self._domain.checker(task), [values[key] for key in new])
        right = {key for key, each in zip(new, accepted, strict=True) if each}
        refuted.update(by_answer.keys() - right)
        kept = sorted(place for key in right for place in by_answer[key])
        return [programs[place] for place in kept]

    def _accepted(self, checker: Checker, answers: Sequence[Outcome]) -> list[bool]:
        """Whether a checker accepts answers; it judges each on its own later, so that none depends on another."""
        source = checker.source + _ANEW.format(function=checker.function)
        jobs = [
            SandboxJob(
                source,
                "psynth_checks_anew",
                [[each.value, *checker.inputs] for each in answers[start : start + TOGETHER]],
            )
            for start in range(0, len(answers), TOGETHER)
        ]
        return [
            verdict
            for job, found in zip(jobs, self._checks.run_jobs(jobs), strict=True)
            for verdict in _true(job, found)
        ]


def _true(job: SandboxJob, found: list[Outcome] | ProgramError) -> list[bool]:
    if isinstance(found, ProgramError):
        return [True] * len(job.calls)  # judging says what is wrong with the checker
    return [each.status == "ok" and each.value is True for each in found]

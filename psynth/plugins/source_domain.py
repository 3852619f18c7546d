"""The base class of domains whose programs are Python source, which runs only in the sandbox."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import math
import platform
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from psynth.core.engines.leases import default_engines
from psynth.core.engines.sandbox import SandboxJob
from psynth.core.stream.records import Task
from psynth.plugins.domain import Domain
from psynth.plugins.evaluator import Budget, Evaluator, Job, Outcome, ProgramError, Verdict, judge_examples
from psynth.plugins.source_runner import Answer, SourceRunner, recordable, settings_of

if TYPE_CHECKING:
    from psynth.core.engines.leases import Engines
    from psynth.core.stream.records import Library

PYTHON = "python"
"""The language of Python source."""


class SourceDomain(Domain):
    """A domain of Python programs. Each defines ``function``, which is called in the sandbox; values are JSON.

    A program's module is loaded once for a task, and its function called for each item of ``calls``, in order.
    ``packages`` are the packages besides the standard library that programs may import. Where there are any, verdicts
    have their versions.
    """

    languages: ClassVar[Mapping[str, str]] = {PYTHON: "Python source, run in the sandbox"}
    function: ClassVar[str]
    packages: ClassVar[Sequence[str]] = ()

    def calls(self, task: Task) -> Sequence[Sequence[Any]]:
        """The arguments of each call for a task: by default the inputs of its examples.

        InputError if the task lacks them. A program's process learns nothing else about the task.
        """
        return [example.inputs for example in task.examples]

    def verdict(self, task: Task, outcomes: Sequence[Outcome]) -> Verdict:
        """The verdict on a program from the outcomes of its calls, in this process: by default, from the examples."""
        verdict = judge_examples(task, list(outcomes))
        shown = [each for each, example in zip(outcomes, task.examples, strict=True) if example.split != "test"]
        failure = next((each.message for each in shown if each.status != "ok"), None)
        return dataclasses.replace(verdict, message=failure)

    def evaluator(
        self,
        library: Library,
        budget: Budget,
        *,
        language: str = PYTHON,
        engines: Engines | None = None,
        jobs: int = 1,
    ) -> Evaluator:
        """An evaluator that runs up to ``jobs`` programs concurrently in the sandbox."""
        self.require_language(language)
        return self._evaluator(budget, jobs, engines)

    def _evaluator(self, budget: Budget, jobs: int, engines: Engines | None) -> SourceEvaluator:
        """What ``evaluator`` returns once the language has been accepted."""
        return SourceEvaluator(self, budget, jobs, engines)


class SourceEvaluator(Evaluator):
    """Judges Python programs by their domain's ``calls`` and ``verdict``.

    A program's process gets inputs and returns values: neither outputs of examples nor anything else that is compared
    with its values enters the process.
    """

    def __init__(self, domain: SourceDomain, budget: Budget, jobs: int = 1, engines: Engines | None = None) -> None:
        self._domain = domain
        self._versions = versions_of(domain.packages) if domain.packages else None
        settings = settings_of(budget, domain.packages)
        self._runner = SourceRunner(settings, jobs, (engines or default_engines()).warn)

    def close(self) -> None:
        """End the sandbox."""
        self._runner.close()

    def cancel(self) -> None:
        """End, from another thread, the current and all later calls with ``Canceled``."""
        self._runner.cancel()

    def run_all(self, jobs: Sequence[Job]) -> list[Answer]:
        """One answer for each job, in order; a job's type has no meaning for Python source."""
        answers = self._runner.run([self._job(job.program, job.inputs) for job in jobs])
        return [each if isinstance(each, ProgramError) else list(map(recordable, each)) for each in answers]

    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        """Run every program on the calls of its task, all in one batch, and judge the outcomes."""
        calls = [self._domain.calls(task) for task, _ in jobs]
        batch = [
            self._job(program, each) for (_, programs), each in zip(jobs, calls, strict=True) for program in programs
        ]
        answers = iter(self._runner.run(batch))
        return self._verdicts([(task, [next(answers) for _ in programs]) for task, programs in jobs])

    def _job(self, program: str, calls: Sequence[Sequence[Any]]) -> SandboxJob:
        return SandboxJob(program, self._domain.function, calls)

    def _verdicts(self, answered: Sequence[tuple[Task, Sequence[Answer]]]) -> list[list[Verdict]]:
        """The verdicts on the answers of programs, for each task."""
        return [[self._verdict(task, answer) for answer in answers] for task, answers in answered]

    def _verdict(self, task: Task, answer: Answer) -> Verdict:
        if isinstance(answer, ProgramError):
            score = 0.0 if task.examples else None  # rewards may be negative
            return Verdict("error", -math.inf, score, rejected=answer, versions=self._versions)
        verdict = self._domain.verdict(task, answer)
        return dataclasses.replace(verdict, outputs=tuple(map(recordable, verdict.outputs)), versions=self._versions)


def versions_of(packages: Sequence[str]) -> dict[str, str]:
    """The versions of Python and of installed packages, by name."""
    found = {name: importlib.metadata.version(name) for name in packages}
    return {"python": platform.python_version(), **found}

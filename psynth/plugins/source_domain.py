"""The base class of domains whose programs are Python source, which runs only in the sandbox."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from psynth.plugins.domain import Domain
from psynth.plugins.evaluator import Outcome, Verdict, judge_examples

if TYPE_CHECKING:
    from psynth.core.engines.leases import Engines
    from psynth.core.stream.records import Library, Task
    from psynth.plugins.evaluator import Budget, Evaluator

PYTHON = "python"
"""The language of Python source."""


class SourceDomain(Domain):
    """A domain of Python programs. Each defines ``function``, which is called in the sandbox; values are JSON.

    A program's module is loaded once for a task, and its function called for each item of ``calls``, in order.
    ``packages`` are the packages besides the standard library that programs may import.
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
        from psynth.plugins.source_evaluator import SourceEvaluator

        self.require_language(language)
        return SourceEvaluator(self, budget, jobs)

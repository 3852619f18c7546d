"""The domain that methods are checked on, which records the programs judged on held-out data."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

from psynth.core.engines.leases import Engines
from psynth.core.stream.records import Example, Frontier, Library, Program, Task
from psynth.plugins.domain import LAMBDA, Domain, TaskSettings
from psynth.plugins.evaluator import Budget, Evaluator, Job, Outcome, ProgramError, Verdict
from psynth.plugins.python_domain import Primitive, PythonDomain
from psynth.plugins.registry import Registry

HeldOut = Literal["nothing", "same", "other"]
"""The held-out data of a task: none, an example that agrees with the visible ones, or one that contradicts them."""

TARGETS: Mapping[str, Callable[[int], int]] = {
    "next": lambda number: number + 1,
    "twice": lambda number: 2 * number,
    "second-next": lambda number: number + 2,
}
"""The target functions of the tasks."""


class Numbers(PythonDomain):
    """Functions on numbers. ``judged_whole`` has (task id, program) for all judgments on tasks with held-out data."""

    name = "testing-numbers"
    help = "functions on numbers, for checking methods"
    primitives: ClassVar[Sequence[Primitive]] = (
        Primitive("zero", "int", 0),
        Primitive("one", "int", 1),
        Primitive("add", "int -> int -> int", lambda left, right: left + right),
        Primitive("double", "int -> int", lambda number: 2 * number),
    )

    def __init__(self) -> None:
        self.judged_whole: set[tuple[str, str]] = set()

    def tasks(self, settings: TaskSettings, seed: int) -> Iterator[Task]:
        """The targets, each with three examples."""
        for name, target in list(TARGETS.items())[: settings.count]:
            examples = tuple(Example([number], target(number)) for number in (seed, seed + 3, seed + 10))
            yield Task(f"{self.name}/{name}", self.name, "int -> int", examples, descriptions=(name,))

    def evaluator(
        self,
        library: Library,
        budget: Budget,
        *,
        language: str = LAMBDA,
        engines: Engines | None = None,
        jobs: int = 1,
    ) -> Evaluator:
        """An evaluator that records its judgments on tasks with held-out data."""
        inner = super().evaluator(library, budget, language=language, engines=engines, jobs=jobs)
        return _NotingEvaluator(inner, self.judged_whole)

    def frontiers(self) -> list[Frontier]:
        """Each task with a program that does not solve it."""
        return [Frontier(task, (Program("(lambda (double (double $0)))"),)) for task in self.tasks(TaskSettings(), 0)]


class _NotingEvaluator(Evaluator):
    """An evaluator that wraps another one and records its judgments."""

    exact_match: ClassVar[bool] = True

    def __init__(self, inner: Evaluator, noted: set[tuple[str, str]]) -> None:
        self._inner, self._noted = inner, noted

    def close(self) -> None:
        self._inner.close()

    def run_all(self, jobs: Sequence[Job]) -> list[list[Outcome] | ProgramError]:
        return self._inner.run_all(jobs)

    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        for task, programs in jobs:
            if any(example.split == "test" for example in task.examples):
                self._noted.update((task.id, program) for program in programs)
        return self._inner.judge(jobs)


class WithDomain(Registry):
    """A registry with one more domain."""

    def __init__(self, registry: Registry, domain: Domain) -> None:
        super().__init__()
        self._registry, self._domain = registry, domain

    def domain(self, name: str) -> Domain:
        """The domain called ``name``."""
        return self._domain if name == self._domain.name else self._registry.domain(name)

    def registration(self, kind: str, name: str, subcommand: str = "") -> Any:
        """The registration of a name."""
        return self._registry.registration(kind, name, subcommand)


def holding_out(frontier: Frontier, what: HeldOut) -> Frontier:
    """The frontier with a held-out example before the visible ones."""
    task = frontier.task
    if task is None or not task.examples or what == "nothing":
        return frontier
    shown = tuple(example for example in task.examples if example.split != "test")
    first = shown[0]
    outputs = [first.output] if what == "same" else [each.output for each in shown if each.output != first.output]
    held_out = Example(first.inputs, next(iter(outputs), None), split="test")
    return dataclasses.replace(frontier, task=dataclasses.replace(task, examples=(held_out, *shown)))

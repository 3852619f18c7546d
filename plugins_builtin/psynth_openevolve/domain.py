"""The domain of OpenEvolve's tasks: the evaluator of a task folder scores Python programs, in the sandbox."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from psynth.core.engines.leases import default_engines
from psynth.core.stream.records import Origin, Program, Task
from psynth.plugins.behavior import Axis, Shape
from psynth.plugins.cascade import CascadeEvaluator, Stage
from psynth.plugins.domain import Domain, TaskSettings
from psynth.plugins.evaluator import Budget, Evaluator, Verdict
from psynth.plugins.source_domain import PYTHON
from psynth.plugins.syntax import Syntax
from psynth_openevolve.environment import Environment
from psynth_openevolve.evaluation import FolderEvaluator, verdict_of
from psynth_openevolve.folder import Folder

if TYPE_CHECKING:
    from psynth.core.engines.leases import Engines
    from psynth.core.stream.records import Library

EXAMPLES = Path(__file__).parent / "examples"
SPLITS: Mapping[str, Sequence[str]] = {"train": ("smoothing",), "test": ("scheduling",)}
"""The task folders that come with psynth."""


class OpenEvolve(Domain):
    """Programs in Python that an evaluator scores: two tasks of its own, and those of `psynth import openevolve`."""

    name = "openevolve"
    help = "programs that the evaluator of a task folder scores"
    languages: ClassVar[Mapping[str, str]] = {PYTHON: "Python source; evaluator and program run in the sandbox"}

    def tasks(self, settings: TaskSettings, seed: int) -> Iterator[Task]:
        """Yield the tasks that come with psynth; the seed has no effect."""
        for split in settings.splits:
            for number, name in enumerate(SPLITS[split][: settings.count]):
                folder = Folder.of(EXAMPLES / name)
                yield dataclasses.replace(folder.task(f"{self.name}/{split}-{number:03}-{name}"), split=split)

    def seeds(self, task: Task) -> Sequence[Program]:
        """The initial program of a task that comes with psynth."""
        known = {name for names in SPLITS.values() for name in names}
        name = task.id.rpartition("-")[2]
        if name not in known:
            return ()
        return [Program(Folder.of(EXAMPLES / name).program, PYTHON, origin=Origin(by="given"))]

    def evaluator(
        self,
        library: Library,
        budget: Budget,
        *,
        language: str = PYTHON,
        engines: Engines | None = None,
        jobs: int = 1,
    ) -> Evaluator:
        """An evaluator that goes through the stages of each task, up to ``jobs`` programs concurrently.

        The time of a call is limited by the task, its memory by the task and the budget.
        """
        self.require_language(language)
        inner = FolderEvaluator(budget, jobs, (engines or default_engines()).warn)
        return CascadeEvaluator(inner, _stages, _merged)

    def behavior(self) -> Shape:
        """The size and depth of programs, with room for long ones."""
        return Size()

    def syntax(self) -> Syntax:
        """Python source, described for people and prompts."""
        return Syntax(
            "Programs are Python modules that a task's evaluator loads and scores. Only what stands between lines with "
            "EVOLVE-BLOCK-START and EVOLVE-BLOCK-END is to be changed."
        )


class Size(Shape):
    """The size and depth of the syntax tree of a module."""

    axes = (Axis("size", 0.0, 2000.0), Axis("depth", 0.0, 30.0))


def _stages(task: Task) -> Sequence[Stage]:
    """The stages of a task: each the same task with another function of the evaluator."""
    environment = Environment.of(task)
    return [Stage(name, _with_function(task, environment, name), threshold) for name, threshold in environment.stages]


def _with_function(task: Task, environment: Environment, function: str) -> Task:
    stage = dataclasses.replace(environment, function=function, stages=())
    return dataclasses.replace(task, environment=stage.to_json())


def _merged(task: Task, verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict on a program from those of its stages: later figures replace earlier ones of the same name."""
    *before, last = verdicts
    if not before:
        return last
    figures = {name: value for each in verdicts for name, value in each.figures.items()}
    artifacts = {name: text for each in verdicts for name, text in each.artifacts.items()}
    if last.reward is None:
        return dataclasses.replace(last, figures=figures, artifacts=artifacts)
    return verdict_of(figures, artifacts, Environment.of(task).features, last.outputs)

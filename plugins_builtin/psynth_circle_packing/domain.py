"""The domain of circle packing: Python programs construct packings, and the reward is the sum of the radii."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from psynth.core.errors import InputError
from psynth.core.settings import setting
from psynth.core.stream.records import Program, Task
from psynth.plugins.behavior import Axis, Behavior
from psynth.plugins.domain import TaskSettings
from psynth.plugins.evaluator import Outcome, Verdict
from psynth.plugins.source_domain import PYTHON, SourceDomain
from psynth.plugins.syntax import Syntax
from psynth_circle_packing.packing import MOST, Packing, circles_of
from psynth_circle_packing.seeds import seeds

if TYPE_CHECKING:
    from psynth.plugins.views import Views

NO_ARGUMENTS: Sequence[Sequence[object]] = ((),)
"""The calls of a program: one, without arguments."""


@dataclass(frozen=True)
class CirclePackingTaskSettings(TaskSettings):
    """The settings of ``psynth tasks circle-packing``."""

    circles: int = setting(26, flag="--n", minimum=1, maximum=MOST, unit="circles", help="number of circles to pack")


class CirclePacking(SourceDomain):
    """Circles in the unit square that do not overlap."""

    name = "circle-packing"
    help = "circles in the unit square whose radii have the greatest sum"
    languages: ClassVar[Mapping[str, str]] = {
        PYTHON: "Python source that defines construct_packing, run in the sandbox"
    }
    TaskSettings = CirclePackingTaskSettings
    function = "construct_packing"
    packages = tuple(name for name in ("numpy", "scipy") if importlib.util.find_spec(name) is not None)

    def tasks(self, settings: CirclePackingTaskSettings, seed: int) -> Iterator[Task]:
        """Yield the task; it is in split ``train``, and the seed has no effect."""
        if "train" in settings.splits:
            yield Task(
                id=f"{self.name}/{settings.circles:03}-circles",
                domain=self.name,
                environment={"circles": settings.circles},
                split="train",
                descriptions=(
                    f"pack {settings.circles} circles into the unit square: maximize the sum of their radii",
                ),
            )

    def seeds(self, task: Task) -> Sequence[Program]:
        """An optimizer that starts from random places, and rows of equal circles."""
        return [Program(text, PYTHON) for text in seeds(circles_of(task))]

    def calls(self, task: Task) -> Sequence[Sequence[Any]]:
        """One call without arguments."""
        circles_of(task)
        return NO_ARGUMENTS

    def verdict(self, task: Task, outcomes: Sequence[Outcome]) -> Verdict:
        """The reward is the sum of the radii, the score the share of the square that the circles cover.

        No sum solves a task. An invalid packing is a failure, whatever its sum.
        """
        [outcome] = outcomes
        if outcome.status == "ok":
            outcome = measured(outcome.value, circles_of(task))
        if outcome.status != "ok":
            return Verdict(outcome.status, -math.inf, 0.0, outputs=(outcome,), message=outcome.message)
        value = outcome.value
        return Verdict("ok", None, value["covered"], reward=value["sum"], outputs=(outcome,))

    def behavior(self) -> Behavior:
        """The smallest and the largest radius."""
        return Sizes()

    def syntax(self) -> Syntax:
        """Python source, described for people and prompts."""
        packages = " and ".join(self.packages)
        return replace(
            super().syntax(),
            description="Programs are Python source that defines construct_packing(), without arguments, which returns "
            "centers and radii: a list of points [x, y] and a list of as many numbers. The circles must lie in the "
            f"unit square and not overlap, exactly, without any tolerance. Programs may import {packages}.",
        )

    def views(self) -> Views:
        """Packings as pictures."""
        from psynth_circle_packing.views import PackingViews

        return PackingViews(self)


class Sizes(Behavior):
    """The smallest and the largest radius of a packing."""

    axes = (Axis("smallest", 0.0, 0.1), Axis("largest", 0.05, 0.2))

    def of(self, outcomes: Sequence[Outcome]) -> tuple[float, ...] | None:
        """The two radii; None for what is no packing."""
        if not outcomes or outcomes[0].status != "ok":
            return None
        value = outcomes[0].value
        return float(value["smallest"]), float(value["largest"])


def measured(value: Any, circles: int) -> Outcome:
    """The measures of what a program returned, or an error that says why it is no valid packing."""
    try:
        packing = Packing.read(value, circles)
    except InputError as error:
        return Outcome("error", message=error.message)
    fault = packing.fault()
    if fault is not None:
        return Outcome("error", message=fault)
    measures = {
        "sum": packing.total,
        "smallest": min(packing.radii),
        "largest": max(packing.radii),
        "contacts": packing.contacts,
        "covered": math.pi * math.fsum(r * r for r in packing.radii),
    }
    return Outcome("ok", measures)

"""The domain of online bin packing: programs in two languages compute the priority of a bin for an item."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from psynth.core.calculus.types import Type, parse_type
from psynth.core.settings import setting
from psynth.core.stream.records import Library, Program, Task
from psynth.plugins.behavior import Axis, Behavior
from psynth.plugins.domain import LAMBDA, TaskSettings
from psynth.plugins.evaluator import Budget, Evaluator, Outcome, Verdict
from psynth.plugins.source_domain import PYTHON
from psynth.plugins.syntax import Syntax
from psynth.plugins.two_languages import TwoLanguageDomain
from psynth.plugins.visible_task import VisibleTask
from psynth_bin_packing.evaluation import LambdaPriorities
from psynth_bin_packing.instances import CLASSES, MOST, Lot
from psynth_bin_packing.judging import from_calls, spaces
from psynth_bin_packing.primitives import PRIMITIVES
from psynth_bin_packing.seeds import SEEDS

if TYPE_CHECKING:
    from psynth.core.engines.leases import Engines

REQUEST = "real -> real -> real"
"""The type of a priority: of the size of an item, and of the space of a bin."""
NUMBER = re.compile(r"-?\d+\.\d+")
"""Literals: decimal numbers."""


@dataclass(frozen=True)
class BinPackingTaskSettings(TaskSettings):
    """The settings of ``psynth tasks bin-packing``."""

    kind: tuple[str, ...] = setting(
        (), flag="--class", choices=tuple(CLASSES), help="a class of instances (repeatable; default: all)"
    )
    instances: int | None = setting(
        None, minimum=1, maximum=MOST, unit="instances", help="instances of a task (default: by class, 1 to 20)"
    )
    held_out: int | None = setting(
        None,
        minimum=0,
        maximum=MOST,
        unit="instances",
        help="instances held out (default: as many; none in split test)",
    )


class BinPacking(TwoLanguageDomain):
    """Items that go, one after the other, into the bin with the highest priority."""

    name = "bin-packing"
    help = "priorities that decide which bin an item goes into, as the items come"
    languages: ClassVar[Mapping[str, str]] = {
        LAMBDA: "typed λ-terms: arithmetic and conditions on the item's size and a bin's space",
        PYTHON: "Python source that defines priority, run in the sandbox",
    }
    TaskSettings = BinPackingTaskSettings
    primitives = PRIMITIVES
    function = "priority"

    def tasks(self, settings: BinPackingTaskSettings, seed: int) -> Iterator[Task]:
        """Yield a task for each class; the instances of the splits, and those held out, are drawn apart."""
        for split in settings.splits:
            chosen = [each for each in enumerate(CLASSES.items()) if not settings.kind or each[1][0] in settings.kind]
            for number, (kind, of_class) in chosen[: settings.count]:
                instances = settings.instances or of_class.instances
                usual = instances if split == "train" else 0
                held_out = usual if settings.held_out is None else settings.held_out
                yield Task(
                    id=f"{self.name}/{split}-{number:03}-{kind}",
                    domain=self.name,
                    request=REQUEST,
                    environment=Lot(kind, split, seed, instances, held_out).to_json(),
                    split=split,
                    descriptions=(f"pack {of_class.what}, into few bins of capacity {of_class.capacity}",),
                )

    def visible(self, task: Task) -> VisibleTask:
        """The task without the instances that are held out."""
        environment = {name: each for name, each in (task.environment or {}).items() if name != "held_out"}
        return VisibleTask.of(dataclasses.replace(task, environment=environment))

    def seeds(self, task: Task) -> Sequence[Program]:
        """Best fit and first fit."""
        return SEEDS

    def calls(self, task: Task) -> Sequence[Sequence[Any]]:
        """One call for each size of an item, with every space that a bin for it may have."""
        return [[size, list(places)] for size, places in spaces(Lot.of(task).of_class)]

    def verdict(self, task: Task, outcomes: Sequence[Outcome]) -> Verdict:
        """The verdict on the priorities that a program returned."""
        return from_calls(Lot.of(task), outcomes)

    def _term_evaluator(self, library: Library, budget: Budget, engines: Engines, jobs: int) -> Evaluator:
        return LambdaPriorities(type(self), library, budget, engines.python_workers, jobs)

    def behavior(self) -> Behavior:
        """How a priority packs."""
        return Style()

    def literal_type(self, text: str) -> Type | None:
        """Decimal numbers are of type real."""
        return parse_type("real") if NUMBER.fullmatch(text) else None

    def literal_value(self, text: str) -> float | None:
        """The number."""
        return float(text) if NUMBER.fullmatch(text) else None

    def syntax(self) -> Syntax:
        """Both languages, described for people and prompts."""
        description = (
            "A program computes the priority of a bin for an item from the item's size and the space left in the bin. "
            "An item goes into the bin with the highest priority of those with space for it and an empty one, of "
            "several into the one opened first. λ-terms are applied to the size and the space. In Python, programs "
            "define priority(item, bins): bins lists, in ascending order, every space that a bin for the item may "
            "have, the last one that of an empty bin; it returns a list with the priority of each."
        )
        return dataclasses.replace(super().syntax(), description=description)


class Style(Behavior):
    """The share of bins that are full at the end, and of items that open a bin although an open one has space."""

    axes = (Axis("full", 0.0, 1.0), Axis("early", 0.0, 0.25))

    def of(self, outcomes: Sequence[Outcome]) -> tuple[float, ...] | None:
        """The two shares; None for what is no priority."""
        if not outcomes or outcomes[0].status != "ok" or not isinstance(outcomes[0].value, Mapping):
            return None
        value = outcomes[0].value
        return float(value["full"]), float(value["early"])

"""The task as a search may see it: a type that holds nothing held out."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from psynth.core.stream.records import Task


@dataclass(frozen=True, slots=True)
class VisibleTask(Task):
    """A task of which no output is held out: what a search may see. Only `Domain.visible` makes one of a task."""

    test_inputs: tuple[list[Any], ...] = ()
    """The inputs of the examples that are held out, where the domain gives them with the task."""

    def __post_init__(self) -> None:
        if any(example.split == "test" for example in self.examples):
            raise ValueError(f"{self.id}: examples of split 'test' are held out from searches")

    @classmethod
    def of(cls, task: Task, test_inputs: Iterable[list[Any]] = ()) -> Self:
        """The same task, for a task that holds nothing out; ValueError for one whose examples do.

        Without ``test_inputs`` a visible task keeps its own.
        """
        values = {each.name: getattr(task, each.name) for each in dataclasses.fields(task)}
        given = tuple(test_inputs)
        return cls(**values | ({"test_inputs": given} if given else {}))

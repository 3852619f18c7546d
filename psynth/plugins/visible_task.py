"""The task as a search may see it: a type that holds nothing held out."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Self

from psynth.core.stream.records import Task


@dataclass(frozen=True, slots=True)
class VisibleTask(Task):
    """A task of which nothing is held out: what a search may see. Only `Domain.visible` makes one of a task."""

    def __post_init__(self) -> None:
        if any(example.split == "test" for example in self.examples):
            raise ValueError(f"{self.id}: examples of split 'test' are held out from searches")

    @classmethod
    def of(cls, task: Task) -> Self:
        """The same task, for a task that holds nothing out; ValueError for one whose examples do."""
        return cls(**{each.name: getattr(task, each.name) for each in dataclasses.fields(task)})

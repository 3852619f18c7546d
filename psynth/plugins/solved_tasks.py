"""The solved tasks of a stream that a model learns from, and their library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from psynth.core.errors import InputError
from psynth.core.seeds import stable_hash
from psynth.core.stream.records import Frontier, Library
from psynth.plugins.domain import LAMBDA
from psynth.plugins.method import Context


@dataclass
class SolvedTasks:
    """The solved frontiers of one domain, in the order of the stream; ``language`` is that of the programs."""

    language: str = LAMBDA
    frontiers: list[Frontier] = field(default_factory=list)
    _libraries: dict[str, Library] = field(default_factory=dict)

    @property
    def domain(self) -> str | None:
        """The domain of the tasks; None before the first."""
        first = self.frontiers[0].task if self.frontiers else None
        return None if first is None else first.domain

    def add_library(self, library: Library) -> None:
        """Set the library of the following frontiers; raises `InputError` if it differs from that of earlier ones."""
        if library.domain == self.domain and library != self._libraries.get(library.domain):
            raise library.error("the library changes among the tasks: a model requires one language")
        self._libraries[library.domain] = library

    def add(self, frontier: Frontier) -> bool:
        """Add a frontier if programs of the language solve its task, and return whether they do.

        Raises `InputError` for another domain.
        """
        task = frontier.task
        if task is None or not any(each.solves and each.language == self.language for each in frontier.programs):
            return False
        if self.domain not in (None, task.domain):
            raise frontier.error(
                f"a model requires one domain: this task is of {task.domain}, the first of {self.domain}"
            )
        self.frontiers.append(frontier)
        return True

    def library(self, context: Context) -> Library:
        """The library that all programs are written in; raises `InputError` if there are no solved tasks."""
        if self.domain is None:
            raise InputError(
                "the stream has no solved tasks to learn from: psynth enumerate finds some, psynth relabel makes some"
            )
        return self._libraries.get(self.domain) or context.library_for(self.domain)


def validation_split(names: Sequence[str], share: float, seed: int) -> tuple[list[int], list[int]]:
    """The numbers of the tasks to learn from, and those of a share to hold out, by the ids of the tasks.

    A task's side depends on its id alone, so that more data move none; without any task to learn from, all are.
    """
    held_out = [number for number, name in enumerate(names) if stable_hash(seed, "validation", name) < share * 2**64]
    if len(held_out) == len(names):
        return held_out, []
    known = set(held_out)
    return [number for number in range(len(names)) if number not in known], held_out

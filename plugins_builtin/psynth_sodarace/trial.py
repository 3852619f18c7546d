"""The ``environment`` of a task: a terrain, and the time in which walkers move over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from psynth.core.errors import InputError
from psynth.core.stream.fields import INTEGER, TEXT, Fields, WrongField, field
from psynth.core.stream.records import Task
from psynth_sodarace.machine import constants


@dataclass(frozen=True, slots=True)
class Trial(Fields):
    """What walkers are judged on."""

    terrain: str = field(TEXT)
    """The terrain."""
    milliseconds: int = field(INTEGER)
    """How long a walker may use its muscles after it has come to rest."""

    @classmethod
    def of(cls, task: Task) -> Self:
        """The trial of a task; InputError names the field at fault."""
        try:
            found = cls.read_fields(task.environment or {})
        except WrongField as wrong:
            raise InputError(str(wrong.at(".environment")), task=task.id) from None
        known = constants()
        if found.terrain not in known.terrains:
            raise InputError(f"environment.terrain: expected one of {', '.join(known.terrains)}", task=task.id)
        if not 1 <= found.milliseconds <= known.longest:
            raise InputError(f"environment.milliseconds: expected 1 to {known.longest}", task=task.id)
        return found

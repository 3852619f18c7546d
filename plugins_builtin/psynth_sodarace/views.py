"""Pictures and animations of walkers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psynth.core.errors import InputError
from psynth.core.stream.records import Library, Task
from psynth.plugins.domain import LAMBDA, Domain
from psynth.plugins.evaluator import Budget
from psynth.plugins.views import Views
from psynth_sodarace.trial import Trial
from psynth_sodarace.walkers import read_walker

if TYPE_CHECKING:
    from rich.text import Text

    from psynth.plugins.views import Animation
    from psynth_sodarace.machine import Plan


class WalkerViews(Views):
    """Terrains and walkers."""

    def __init__(self, domain: Domain) -> None:
        self._domain = domain

    def draw_task(self, task: Task) -> Text:
        """The terrain."""
        from psynth_sodarace.animation import animate

        text: Text = animate(Trial.of(task), None).frames[0].draw()
        return text

    def animate(
        self,
        library: Library,
        task: Task,
        program: str | None,
        *,
        language: str = LAMBDA,
        instance: int = 0,
        held_out: bool = False,
    ) -> Animation:
        """How a program's walker settles and moves."""
        from psynth_sodarace.animation import animate

        trial = Trial.of(task)
        if held_out or instance:
            raise InputError("a task of sodarace has only instance 0, and none held out")
        return animate(trial, None if program is None else self._walker(library, task, program, language))

    def _walker(self, library: Library, task: Task, program: str, language: str) -> Plan:
        request = task.request if language == LAMBDA else None
        with self._domain.evaluator(library, Budget(), language=language) as evaluator:
            return read_walker(evaluator.value_of(program, request, ()))

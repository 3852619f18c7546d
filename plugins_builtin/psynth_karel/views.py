"""Pictures and animations of Karel's tasks, worlds and policies."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from psynth.core.errors import InputError, PsynthError
from psynth.core.stream.records import Library, Task
from psynth.plugins.domain import LAMBDA
from psynth.plugins.views import Views
from psynth_karel.drawing import draw
from psynth_karel.environment import Environment
from psynth_karel.evaluation import KarelEvaluator
from psynth_karel.machine import Picture

if TYPE_CHECKING:
    from rich.columns import Columns

    from psynth.plugins.views import Animation

DRAWN = 4
"""Maximum number of worlds drawn for a task."""


class KarelViews(Views):
    """Worlds as maps, episodes as frames."""

    def draw_task(self, task: Task) -> Columns | None:
        """The first of the task's worlds, side by side."""
        from rich.columns import Columns

        environment = Environment.from_json(task.environment)
        first = dataclasses.replace(
            environment, seeds=environment.seeds[:DRAWN], worlds=environment.worlds[:DRAWN]
        ).instances()
        return None if first is None else Columns([draw(picture) for picture in first.pictures()], padding=(0, 3))

    def format_value(self, value: Any) -> str:
        """A state as its map; anything else as JSON."""
        try:
            return draw(Picture.from_json(value)).plain
        except InputError:
            return super().format_value(value)

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
        """One episode, with the cumulative reward and the reason that it ended."""
        from psynth_karel.animation import animate

        try:
            plain = None if program is None else KarelEvaluator(library).plain(program)
        except PsynthError as error:
            raise InputError(f"the program cannot be run: {error}") from error
        return animate(Environment.from_json(task.environment), plain, instance, held_out=held_out)

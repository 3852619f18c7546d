"""Drawings in the terminal, two pixels in a character, and as images: light lines on a dark ground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psynth.core.errors import InputError
from psynth.core.stream.records import Library, Task
from psynth.plugins.domain import LAMBDA, Domain
from psynth.plugins.evaluator import Budget
from psynth.plugins.pictures import Rows, draw, still
from psynth.plugins.views import Animation, Views
from psynth_logo.pictures import SIDE, Pixels, pixels_of

if TYPE_CHECKING:
    from rich.text import Text

LIGHT = 2
"""Times that a pixel is lighter than it has ink: a line is narrower than a pixel, and would be dim."""
SIZE = f"{SIDE} by {SIDE} pixels"


class PictureViews(Views):
    """The picture to draw, and those that programs draw."""

    def __init__(self, domain: Domain) -> None:
        self._domain = domain

    def draw_task(self, task: Task) -> Text | None:
        """The picture to draw."""
        return draw(_shown(pixels_of(task.examples[0].output))) if task.examples else None

    def format_value(self, value: Any) -> str:
        """A picture by the share of the canvas that has ink; anything else as JSON."""
        try:
            ink = sum(map(sum, pixels_of(value)))
        except InputError:
            return super().format_value(value)
        return f"a picture, {100 * ink / (255 * SIDE * SIDE):.1f} % ink"

    def animate(
        self,
        library: Library,
        task: Task,
        program: str | None,
        *,
        language: str = LAMBDA,
        instance: int = 0,
        held_out: bool = False,
    ) -> Animation | None:
        """One frame: what a program draws or, without a program, what is to be drawn."""
        if held_out or instance:
            raise InputError("a task of logo has only instance 0, and none held out")
        if program is not None:
            return still(SIZE, "drawn by the program", self._picture(library, task, program))
        return still(SIZE, "the picture to draw", _shown(pixels_of(task.examples[0].output))) if task.examples else None

    def _picture(self, library: Library, task: Task, program: str) -> Rows:
        with self._domain.evaluator(library, Budget()) as evaluator:
            return _shown(pixels_of(evaluator.value_of(program, task.request, ())))


def _shown(pixels: Pixels) -> Rows:
    return [[[min(255, LIGHT * ink)] * 3 for ink in row] for row in pixels]

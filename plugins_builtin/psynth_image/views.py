"""Pictures in the terminal, two pixels in a character, and as images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psynth.core.errors import InputError
from psynth.core.stream.records import Library, Task
from psynth.plugins.domain import LAMBDA, Domain
from psynth.plugins.evaluator import Budget
from psynth.plugins.pictures import draw, still
from psynth.plugins.views import Animation, Views
from psynth_image.judging import target_of
from psynth_image.pixels import SIDE, Pixels, read_pixels

if TYPE_CHECKING:
    from rich.text import Text

SIZE = f"{SIDE}×{SIDE} pixels"


class PictureViews(Views):
    """The picture to draw, and those that programs draw."""

    def __init__(self, domain: Domain) -> None:
        self._domain = domain

    def draw_task(self, task: Task) -> Text:
        """The picture to draw."""
        return draw(target_of(task).tolist())

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
        """One frame: what a program draws or, without a program, what is to be drawn."""
        wanted = target_of(task)
        if held_out or instance:
            raise InputError("a task of image has only instance 0, and none held out")
        if program is None:
            return still(SIZE, "the picture to draw", wanted.tolist())
        return still(SIZE, "drawn by the program", self._picture(library, task, program, language).tolist())

    def _picture(self, library: Library, task: Task, program: str, language: str) -> Pixels:
        request = task.request if language == LAMBDA else None
        with self._domain.evaluator(library, Budget(), language=language) as evaluator:
            return read_pixels(evaluator.value_of(program, request, ()))

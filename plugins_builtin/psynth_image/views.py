"""Pictures in the terminal, two pixels in a character, and as images."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from psynth.core.errors import InputError
from psynth.core.stream.records import Library, Task
from psynth.plugins.domain import LAMBDA, Domain
from psynth.plugins.evaluator import Budget
from psynth.plugins.views import Animation, Frame, Views
from psynth_image.judging import target_of
from psynth_image.pixels import GREATEST, Pixels, read_pixels

if TYPE_CHECKING:
    from rich.text import Text

ENLARGED = 8
"""Pixels of an image for each pixel of a picture, along each side."""


class PictureViews(Views):
    """The picture to draw, and those that programs draw."""

    def __init__(self, domain: Domain) -> None:
        self._domain = domain

    def draw_task(self, task: Task) -> Text:
        """The picture to draw."""
        return draw(target_of(task))

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
            return _still("the picture to draw", wanted)
        return _still("drawn by the program", self._picture(library, task, program, language))

    def _picture(self, library: Library, task: Task, program: str, language: str) -> Pixels:
        request = task.request if language == LAMBDA else None
        with self._domain.evaluator(library, Budget(), language=language) as evaluator:
            return read_pixels(evaluator.value_of(program, request, ()))


def _still(caption: str, pixels: Pixels) -> Animation:
    return Animation("32×32 pixels", [Frame(caption, partial(draw, pixels), partial(raster, pixels))])


def draw(pixels: Pixels) -> Text:
    """A picture for the terminal: a character has the colors of two rows, and without colors shows what is bright."""
    from rich.style import Style
    from rich.text import Text

    lines, rows = [], pixels.tolist()
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        line = Text()
        for above, below in zip(upper, lower, strict=True):
            mark = _mark(above, below)
            front, back = (below, above) if mark == "▄" else (above, below)
            line.append(mark, Style(color=_color(front), bgcolor=_color(back)))
        lines.append(line)
    return Text("\n").join(lines)


def _mark(above: list[int], below: list[int]) -> str:
    """The half of a cell that is brighter; a whole or an empty cell where both are the same."""
    if above == below:
        return "█" if _is_bright(above) else " "
    return "▄" if _is_bright(below) and not _is_bright(above) else "▀"


def _is_bright(pixel: list[int]) -> bool:
    """Whether the luminance (Rec. 601) is above half."""
    red, green, blue = pixel
    return 299 * red + 587 * green + 114 * blue > 500 * GREATEST


def _color(pixel: list[int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*pixel)


def raster(pixels: Pixels) -> Any:
    """A picture as a uint8 array (height, width, 3), enlarged."""
    import numpy as np

    return pixels.astype(np.uint8).repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)

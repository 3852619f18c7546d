"""Pictures of few pixels as the views of domains show them: two pixels in a character, and enlarged as images."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from psynth.plugins.views import Animation, Frame

if TYPE_CHECKING:
    from rich.text import Text

ENLARGED = 8
"""Pixels of an image for each pixel of a picture, along each side."""

GREATEST = 255

Rows: TypeAlias = Sequence[Sequence[Sequence[int]]]
"""Rows from top to bottom of pixels from left to right of red, green and blue, from 0 to 255."""


def still(title: str, caption: str, rows: Rows) -> Animation:
    """An animation of one frame."""
    return Animation(title, [Frame(caption, partial(draw, rows), partial(raster, rows))])


def draw(rows: Rows) -> Text:
    """A picture for the terminal: a character has the colors of two rows, and without colors shows what is bright."""
    from rich.style import Style
    from rich.text import Text

    lines = []
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        line = Text()
        for above, below in zip(upper, lower, strict=True):
            mark = _mark(above, below)
            front, back = (below, above) if mark == "▄" else (above, below)
            line.append(mark, Style(color=_color(front), bgcolor=_color(back)))
        lines.append(line)
    return Text("\n").join(lines)


def _mark(above: Sequence[int], below: Sequence[int]) -> str:
    """The half of a cell that is brighter; a whole or an empty cell where both are the same."""
    if above == below:
        return "█" if _is_bright(above) else " "
    return "▄" if _is_bright(below) and not _is_bright(above) else "▀"


def _is_bright(pixel: Sequence[int]) -> bool:
    """Whether the luminance (Rec. 601) is above half."""
    red, green, blue = pixel
    return 299 * red + 587 * green + 114 * blue > 500 * GREATEST


def _color(pixel: Sequence[int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*pixel)


def raster(rows: Rows) -> Any:
    """A picture as a uint8 array (height, width, 3), enlarged."""
    import numpy as np

    return np.array(rows, dtype=np.uint8).repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)

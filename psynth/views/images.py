"""Writes scenes as images: an animated GIF, or a PNG with a few frames side by side (needs Pillow)."""

from __future__ import annotations

import io
import itertools
import re
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from psynth.core.errors import UsageError
from psynth.plugins.views import Animation
from psynth.views.canvas import FAINT, INK, blank, from_array, pillow, saved, text_width, write
from psynth.views.scenes import Scene

SUFFIXES = (".gif", ".png")
PLACE = "{task}"
MARGIN, GAP, TITLE, SMALL, NARROWEST = 14, 14, 15, 12, 300
"""Pixels: the margin, the gap between frames, the heights of large and small text, and the minimum width of text."""
LINES = 4
"""Maximum number of lines of a program."""
COLUMNS = 4
"""Maximum number of frames in a row."""
BAR = (38, 128, 194)
"""The color of the progress bar."""
LAST = 1500
"""Minimum duration of the last frame, in milliseconds."""


def check(path: Path) -> None:
    """UsageError if the suffix is not one of an image, or if Pillow is missing."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"--image {path}: write FILE.gif (it plays) or FILE.png (frames side by side)")
    if "{" in str(path).replace(PLACE, ""):
        raise UsageError(f"--image {path}: {PLACE} stands for the task; other braces are not allowed in the name")
    pillow()


def path_for(path: Path, task: str) -> Path:
    """The file for a task: ``{task}`` in its name becomes the task's id, with - for special characters."""
    return Path(str(path).replace(PLACE, re.sub(r"[^\w.-]+", "-", task)))


def gif(scene: Scene, frames: int, rate: float) -> bytes:
    """A GIF that loops with ``rate`` frames per second."""
    image, _, _ = pillow()
    animation = scene.animation.thinned(frames)
    pages = _Pages(scene, animation)
    # One palette for all frames, computed from a few of them, avoids flicker and avoids storing unchanged pixels.
    samples = [pages.of(place) for place in _spread(len(animation.frames), 6)]
    together = _stacked(samples)
    palette = together.quantize(255, method=image.Quantize.MAXCOVERAGE, dither=image.Dither.NONE)

    def quantized() -> Iterator[Any]:
        for place in range(len(animation.frames)):
            yield pages.of(place).quantize(palette=palette, dither=image.Dither.NONE)

    each = max(20, round(100 / rate) * 10)
    durations = [each] * (len(animation.frames) - 1) + [max(each, LAST)]
    first, rest = next(quantized()), itertools.islice(quantized(), 1, None)
    out = io.BytesIO()
    first.save(out, "GIF", save_all=True, append_images=rest, duration=durations, loop=0, optimize=False)
    return out.getvalue()


def png(scene: Scene, frames: int) -> bytes:
    """A PNG with a few frames side by side, below the task and the program."""
    animation = scene.animation.thinned(frames)
    frames_below = _side_by_side(animation)
    width = max(NARROWEST, frames_below.width)
    title = _title(scene, animation.title, animation.note, width)
    sheet = blank(width + 2 * MARGIN, title.height + frames_below.height + 2 * MARGIN)
    sheet.paste(title, (MARGIN, MARGIN))
    sheet.paste(frames_below, (MARGIN, MARGIN + title.height))
    return saved(sheet)


def frames_png(scene: Scene, frames: int) -> bytes:
    """A PNG with a few frames side by side and nothing else; a single one without its caption."""
    animation = scene.animation.thinned(frames)
    single = len(animation.frames) == 1
    return saved(from_array(animation.frames[0].raster()) if single else _side_by_side(animation))


def _side_by_side(animation: Animation) -> Any:
    """The frames with their captions, in rows."""
    cells = [_cell(frame.raster(), frame.caption) for frame in animation.frames]
    columns = min(COLUMNS, len(cells))
    rows = [cells[start : start + columns] for start in range(0, len(cells), columns)]
    sheet = blank(columns * cells[0].width + (columns - 1) * GAP, len(rows) * (cells[0].height + GAP) - GAP)
    for row, line in enumerate(rows):
        for column, cell in enumerate(line):
            sheet.paste(cell, (column * (cell.width + GAP), row * (cell.height + GAP)))
    return sheet


class _Pages:
    """The pages of a GIF: a title, a frame, its caption, and a progress bar."""

    def __init__(self, scene: Scene, animation: Animation) -> None:
        self._frames = animation.frames
        height, width = animation.frames[0].raster().shape[:2]
        captions = max(text_width(frame.caption, SMALL) for frame in animation.frames)
        self._width = max(width, captions, NARROWEST)
        self._title = _title(scene, animation.title, animation.note, self._width)
        self._size = self._width + 2 * MARGIN, self._title.height + height + 2 * SMALL + 2 * MARGIN
        self._left = MARGIN + (self._width - width) // 2

    def of(self, place: int) -> Any:
        """One page."""
        frame = self._frames[place]
        page = blank(*self._size)
        page.paste(self._title, (MARGIN, MARGIN))
        picture = from_array(frame.raster())
        top = MARGIN + self._title.height
        page.paste(picture, (self._left, top))
        write(page, (self._left, top + picture.height + 7), frame.caption, SMALL, FAINT)
        _, draw, _ = pillow()
        done = (place + 1) / len(self._frames)
        bottom = self._size[1] - 4
        draw.Draw(page).rectangle((0, bottom, round(done * self._size[0]) - 1, self._size[1]), fill=BAR)
        return page


def _title(scene: Scene, instance: str, note: str, width: int) -> Any:
    """The task, the instance and the program, in lines no longer than ``width`` pixels."""
    letters = max(20, width * 10 // text_width("m" * 5 + "i" * 5, SMALL))
    program = textwrap.wrap(scene.program or "", letters)
    if len(program) > LINES:
        program = [*program[: LINES - 1], f"{program[LINES - 1][: letters - 2]} …"]
    second = ", ".join(part for part in (instance, note) if part)
    lines = [(scene.task, TITLE, INK), (second, SMALL, FAINT), *((line, SMALL, INK) for line in program)]
    lines = [line for line in lines if line[0]]
    image = blank(width, sum(size + 6 for _, size, _ in lines) + 6)
    top = 0
    for text, size, color in lines:
        write(image, (0, top), text, size, color)
        top += size + 6
    return image


def _cell(raster: Any, caption: str) -> Any:
    """A picture with its caption below, on two lines if necessary."""
    pixels = from_array(raster)
    lines = [caption] if text_width(caption, SMALL) <= pixels.width else caption.split(", ", 1)
    width = max([pixels.width, *(text_width(line, SMALL) for line in lines)])
    cell = blank(width, pixels.height + 2 * (SMALL + 5) + 5)
    cell.paste(pixels, (0, 0))
    for number, line in enumerate(lines):
        write(cell, (0, pixels.height + 5 + number * (SMALL + 4)), line, SMALL, FAINT)
    return cell


def _stacked(pages: Sequence[Any]) -> Any:
    sheet = blank(pages[0].width, sum(page.height for page in pages))
    top = 0
    for page in pages:
        sheet.paste(page, (0, top))
        top += page.height
    return sheet


def _spread(count: int, most: int) -> list[int]:
    return sorted({place * (count - 1) // max(1, most - 1) for place in range(most)})

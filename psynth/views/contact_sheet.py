"""The map of an archive as a picture, with the best elite of each square at work where its domain can draw it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from psynth.core.archive_figures import statistics
from psynth.core.engines.archive import Elite, Elites
from psynth.core.errors import PsynthError, UsageError
from psynth.core.stream.records import Library
from psynth.plugins.method import Context
from psynth.views.archives import SHADES, Bins, best_of_bins, bins_of_map, label
from psynth.views.canvas import FAINT, INK, blank, from_array, pillow, saved, text_width, write

SQUARE, BORDER, MARGIN, TITLE, SMALL = 56, 4, 16, 15, 12
"""Pixels: the side of a square, the width of its border, the margin, the heights of large and small text."""
EMPTY = (238, 239, 242)
SUFFIX = ".png"

Picture = Callable[[Elite], Any | None]
"""The RGB pixels of an elite at work, or None if its domain cannot draw it."""


def check(path: Path) -> None:
    """UsageError if the suffix is not that of a map, or if Pillow is missing."""
    if path.suffix.lower() != SUFFIX:
        raise UsageError(f"--map {path}: write FILE.png")
    pillow()


def pictures(context: Context, libraries: Mapping[str, Library]) -> Picture:
    """Draws elites as their domains animate them: the frame in the middle of an animation."""

    def picture(elite: Elite) -> Any | None:
        frontier = elite.frontier
        assert frontier.task is not None
        try:
            domain = context.domain(frontier.task.domain)
            library = libraries.get(domain.name) or domain.library()
            animation = domain.views().animate(library, frontier.task, elite.program, language=elite.language)
        except PsynthError:
            return None
        return None if animation is None else animation.frames[len(animation.frames) // 2].raster()

    return picture


def contact_sheet(elites: Elites, task: str, picture: Picture) -> bytes:
    """The PNG of a task's archive over its first two dimensions; the color of a square's border is that of its gain."""
    bins = bins_of_map(elites.archive)
    across, up = bins[0], bins[1] if len(bins) > 1 else None
    places = list(range(min(2, len(bins))))
    best = best_of_bins(elites, task, [bins[place] for place in places], places)
    rows = up.count if up else 1
    left = MARGIN + max(text_width(label(up, row), SMALL) for row in range(rows)) + 8
    top = MARGIN + TITLE + SMALL + 18
    sheet = blank(left + across.count * SQUARE + MARGIN, top + rows * SQUARE + 2 * SMALL + 22)
    _titles(sheet, elites, task)
    gains = [elite.gain for elite in best.values()]
    low, high = min(gains), max(gains)
    for row in range(rows):
        y = top + (rows - 1 - row) * SQUARE
        write(sheet, (MARGIN, y + (SQUARE - SMALL) // 2), label(up, row), SMALL, FAINT)
        for column in range(across.count):
            elite = best.get((column, row) if up else (column,))
            share = 0.0 if elite is None else (elite.gain - low) / (high - low) if high > low else 1.0
            sheet.paste(_square(elite, share, picture), (left + column * SQUARE, y))
    _axis(sheet, across, up, left, top + rows * SQUARE + 6)
    return saved(sheet)


def _titles(sheet: Any, elites: Elites, task: str) -> None:
    found = statistics(elites, task)
    share = "" if found.coverage is None else f" of {found.cells:,} ({found.coverage:.1%})"
    write(sheet, (MARGIN, MARGIN), task, TITLE, INK)
    figures = f"{found.filled:,} cells{share}, best {found.best:.4g}, QD score {found.qd_score:.5g}"
    write(sheet, (MARGIN, MARGIN + TITLE + 7), figures, SMALL, FAINT)


def _axis(sheet: Any, across: Bins, up: Bins | None, left: int, top: int) -> None:
    write(sheet, (left, top), label(across, 0), SMALL, FAINT)
    last = label(across, across.count)
    write(sheet, (left + across.count * SQUARE - text_width(last, SMALL), top), last, SMALL, FAINT)
    upward = f", up: {up.name}" if up else ""
    write(sheet, (left, top + SMALL + 6), f"right: {across.name}{upward}", SMALL, FAINT)


def _square(elite: Elite | None, share: float, picture: Picture) -> Any:
    """The square of an elite: its picture in a border of the color of its gain."""
    image, draw, _ = pillow()
    square = blank(SQUARE, SQUARE)
    inner = (1, 1, SQUARE - 2, SQUARE - 2)
    if elite is None:
        draw.Draw(square).rectangle(inner, fill=EMPTY)
        return square
    draw.Draw(square).rectangle(inner, fill=SHADES[round(share * (len(SHADES) - 1))])
    pixels = picture(elite)
    if pixels is not None:
        size = SQUARE - 2 - 2 * BORDER
        thumbnail = from_array(pixels)
        thumbnail.thumbnail((size, size), image.Resampling.LANCZOS)
        square.paste(thumbnail, ((SQUARE - thumbnail.width) // 2, (SQUARE - thumbnail.height) // 2))
    return square

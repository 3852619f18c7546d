"""A contact sheet of what was solved: a small picture for each task, of its best program at work."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psynth.core.errors import PsynthError, UsageError
from psynth.core.stream.records import Frontier, Library, Program, Record, source_of
from psynth.plugins.method import Context
from psynth.views.canvas import FAINT, INK, blank, from_array, pillow, saved, text_width, write
from psynth.views.scenes import Choice, scene_of

SUFFIX = ".png"
MOST = 1000
"""Maximum number of tasks on a sheet."""
FEWEST_COLUMNS = 8
"""Columns of a sheet of few tasks; one of more is about as wide as it is high."""
WIDTH, HEIGHT = 176, 104
"""Pixels: the space of a picture."""
MARGIN, GAP, SMALL, TITLE = 16, 12, 12, 15
"""Pixels: around the sheet, between pictures, and the heights of small and large text."""
BORDER = ((43, 138, 62), (232, 166, 0))
"""The color of the line under a task solved by its first answer, or without ranked ones, and by a later one."""
LINE = 3


def check(path: Path) -> None:
    """UsageError if the suffix is not that of a sheet, or if Pillow is missing."""
    if path.suffix.lower() != SUFFIX:
        raise UsageError(f"--sheet {path}: write FILE.png")
    pillow()


@dataclass
class Solved:
    """Keeps the solved frontiers, of several of a task the last, each with its library."""

    _kept: dict[str, tuple[Frontier, Library | None]] = field(default_factory=dict)
    _libraries: dict[tuple[str, str], Library] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    """The tasks for which there is no room."""

    def add(self, record: Record) -> None:
        """Add one record; where answers were ranked, solved means that one is right on the tests."""
        source = source_of(record)
        if isinstance(record, Library):
            self._libraries[source, record.domain] = record
        elif isinstance(record, Frontier) and record.task is not None and _is_solved(record):
            if record.task.id in self._kept or len(self._kept) < MOST:
                self._kept[record.task.id] = record, self._libraries.get((source, record.task.domain))
            else:
                self.left_out.add(record.task.id)

    def sheet(self, context: Context) -> tuple[bytes | None, list[str]]:
        """The PNG, None if nothing can be drawn, and notes on what is not on it."""
        drawn, undrawn = [], 0
        for frontier, library in self._kept.values():
            raster = _raster(frontier, library, context)
            undrawn += raster is None
            if raster is not None:
                drawn.append((frontier, raster))
        notes = [f"{undrawn} of the tasks solved cannot be drawn by their domain"] if undrawn else []
        notes += [f"{len(self.left_out)} more tasks are solved than a sheet holds"] if self.left_out else []
        return (_sheet(drawn), notes) if drawn else (None, notes)


def _is_solved(frontier: Frontier) -> bool:
    return frontier.solved if frontier.answers is None else frontier.answers.solved is not None


def _program(frontier: Frontier) -> Program | None:
    """The program to show: one that is right on the tests, where there are any, else the best."""
    right = (each for each in frontier.programs if each.held_out == 1)
    return next(right, frontier.best)


def _raster(frontier: Frontier, library: Library | None, context: Context) -> Any | None:
    """The pixels of the program at work on the first test, or else on the first example."""
    assert frontier.task is not None
    program = _program(frontier)
    held_out = program is not None and program.held_out is not None
    try:
        domain = context.domain(frontier.task.domain)
        scene = scene_of(frontier.task, program, domain, library or domain.library(), Choice(held_out=held_out))
    except PsynthError:
        return None
    if scene is None:
        return None
    frames = scene.animation.frames
    return frames[len(frames) // 2].raster()


def _sheet(drawn: Sequence[tuple[Frontier, Any]]) -> bytes:
    columns = min(len(drawn), max(FEWEST_COLUMNS, math.isqrt(len(drawn))))
    rows = -(-len(drawn) // columns)
    top = MARGIN + TITLE + GAP
    tile = HEIGHT + LINE + SMALL + 8
    title = f"{len(drawn)} {'task' if len(drawn) == 1 else 'tasks'} solved"
    width = max(columns * (WIDTH + GAP) - GAP, text_width(title, TITLE))
    sheet = blank(width + 2 * MARGIN, top + rows * (tile + GAP) - GAP + MARGIN)
    write(sheet, (MARGIN, MARGIN - 4), title, TITLE, INK)
    prefix = _common_folder([frontier.task.id for frontier, _ in drawn if frontier.task is not None])
    for number, (frontier, raster) in enumerate(drawn):
        left = MARGIN + number % columns * (WIDTH + GAP)
        y = top + number // columns * (tile + GAP)
        sheet.paste(_picture(raster), (left, y))
        answer = 1 if frontier.answers is None else frontier.answers.solved or 1
        _, draw, _ = pillow()
        draw.Draw(sheet).rectangle((left, y + HEIGHT, left + WIDTH - 1, y + HEIGHT + LINE - 1), fill=BORDER[answer > 1])
        assert frontier.task is not None
        name = frontier.task.id.removeprefix(prefix) + ("" if answer == 1 else f", answer {answer}")
        write(sheet, (left, y + HEIGHT + LINE + 3), _fitted(name), SMALL, FAINT)
    return saved(sheet)


def _picture(raster: Any) -> Any:
    """A picture in the middle of its space, made smaller if it must be."""
    image, _, _ = pillow()
    place = blank(WIDTH, HEIGHT)
    picture = from_array(raster)
    picture.thumbnail((WIDTH, HEIGHT), image.Resampling.LANCZOS)
    place.paste(picture, ((WIDTH - picture.width) // 2, (HEIGHT - picture.height) // 2))
    return place


def _common_folder(names: Sequence[str]) -> str:
    """The domain, where all tasks are of one."""
    folders = {name.partition("/")[0] for name in names}
    return f"{next(iter(folders))}/" if len(folders) == 1 else ""


def _fitted(name: str) -> str:
    """A name as long as the picture is wide, at most."""
    while text_width(name, SMALL) > WIDTH:
        name = name[:-2] + "…"
    return name

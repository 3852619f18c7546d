"""The tasks that a page shows with their best programs: the first ones solved of each domain, then others."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field

from psynth.core.errors import PsynthError
from psynth.core.stream.records import Frontier, Library, Record, source_of
from psynth.plugins.method import Context
from psynth.views import images
from psynth.views.html_text import html_of
from psynth.views.rendering import View, frontier_view
from psynth.views.scenes import Choice, scene_of

FRAMES = 4
"""Maximum number of frames of a picture."""
COLUMNS = 64
"""Columns of the text below a picture."""


@dataclass(frozen=True)
class Shown:
    """A task on the page: its drawing in HTML, and its best program at work as the URL of a picture, if any."""

    task: str
    drawing: str
    picture: str | None


@dataclass
class Gallery:
    """Keeps the frontiers to draw; of several for one task the last, but a solved one before others."""

    most: int
    """Maximum number of tasks of each domain."""
    _kept: dict[tuple[str, bool], dict[str, tuple[Frontier, Library | None]]] = field(default_factory=dict)
    _libraries: dict[tuple[str, str], Library] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Add one record; at most twice as many frontiers as are to be shown are kept."""
        source = source_of(record)
        if isinstance(record, Library):
            self._libraries[source, record.domain] = record
        elif isinstance(record, Frontier) and record.task is not None and (record.search or record.programs):
            task, solved = record.task, record.solved
            kept = self._kept.setdefault((task.domain, solved), {})
            if task.id in kept or len(kept) < self.most:
                kept[task.id] = record, self._libraries.get((source, task.domain))

    def shown(self, context: Context) -> Iterator[Shown]:
        """Yield the tasks as they are drawn."""
        for domain in dict.fromkeys(domain for domain, _ in self._kept):
            solved = self._kept.get((domain, True), {})
            others = self._kept.get((domain, False), {})
            chosen = [*solved.values(), *(each for task, each in others.items() if task not in solved)]
            for frontier, library in chosen[: self.most]:
                yield _drawn(frontier, library, context)


def _drawn(frontier: Frontier, library: Library | None, context: Context) -> Shown:
    assert frontier.task is not None
    picture = _picture(frontier, library, context)
    libraries = {} if library is None else {library.domain: library}
    drawing = frontier_view(frontier, View(tasks=picture is None), context.registry, libraries)
    return Shown(frontier.task.id, html_of(drawing, COLUMNS), picture)


def _picture(frontier: Frontier, library: Library | None, context: Context) -> str | None:
    """The URL of the frames side by side; None if the domain draws none, or cannot run the program."""
    assert frontier.task is not None
    try:
        domain = context.domain(frontier.task.domain)
        scene = scene_of(frontier.task, frontier.best, domain, library or domain.library(), Choice())
    except PsynthError:
        return None  # The drawing beside it shows the task all the same.
    return None if scene is None else url_of(images.frames_png(scene, FRAMES))


def url_of(picture: bytes, kind: str = "png") -> str:
    """A picture as a URL that needs no network; ``kind`` is its media subtype."""
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"

"""Archives of elites as people look at them: how much is filled and how well, as a map of two dimensions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from psynth.core.archive_figures import Statistics, statistics
from psynth.core.engines.archive import Elite, Elites, edges_of, range_of
from psynth.core.errors import InputError
from psynth.core.stream.records import Archive, Dimension, Frontier, Header, Record
from psynth.views.grid import Column, Grid
from psynth.views.numerals import rounded

MOST_BINS = 32
"""Bins of a dimension on a map; more are drawn together."""
SHADES = ("#440154", "#414487", "#2a788e", "#22a884", "#7ad151", "#fde725")
"""From the least to the greatest gain: viridis (Smith and van der Walt, 2015), which the color-blind can read."""
BARS = "▁▂▃▄▅▆▇█"


class Archives:
    """The archives among the records of some streams; each is put together again from its elites."""

    def __init__(self) -> None:
        self.found: dict[str, list[Elites]] = {}
        self._current: Elites | None = None

    def takes(self, record: Record, source: str) -> bool:
        """Whether a record belongs to an archive: its description or one of its elites, which are added to it."""
        if isinstance(record, Header):
            self._current = None
        elif isinstance(record, Archive):
            self._current = Elites(record)
            self.found.setdefault(source, []).append(self._current)
            return True
        elif isinstance(record, Frontier) and self._current is not None and record.task is not None:
            try:
                self._current.offer(record)
            except InputError:
                return False
            return True
        return False

    def tasks(self) -> Iterator[tuple[str, Elites, str]]:
        """Each archive's source, elites and one of its tasks."""
        for source, archives in self.found.items():
            for elites in archives:
                elites.settle()
                for task in elites.tasks():
                    yield source, elites, task


@dataclass(frozen=True)
class Bins:
    """The bins of one dimension on a map."""

    name: str
    edges: tuple[float, ...]
    categories: tuple[str, ...] = ()

    @classmethod
    def of(cls, dimension: Dimension, *, gridded: bool) -> Bins:
        """Those of a grid; of another layout as many as a map has. Where there are too many, several are one."""
        if dimension.categories:
            return cls(dimension.name, tuple(edges_of(dimension)), dimension.categories)
        if gridded:
            edges = edges_of(dimension)
            step = math.ceil((len(edges) - 1) / MOST_BINS)
            kept = edges[:-1:step]
            return cls(dimension.name, (*kept, edges[-1]))
        low, high = range_of(dimension)
        count = MOST_BINS // 2
        return cls(dimension.name, tuple(low + (high - low) * place / count for place in range(count + 1)))

    @property
    def count(self) -> int:
        """The number of bins."""
        return len(self.edges) - 1

    def bin(self, value: float) -> int:
        """The bin of a value; the first or last one of a value outside."""
        found = sum(value >= edge for edge in self.edges[1:-1])
        return min(max(found, 0), self.count - 1)


def best_of_bins(
    elites: Elites, task: str, bins: Sequence[Bins], places: Sequence[int]
) -> dict[tuple[int, ...], Elite]:
    """The best elite in each bin of the dimensions at ``places``, whatever the other dimensions."""
    found: dict[tuple[int, ...], Elite] = {}
    for elite in elites.all(task):
        key = tuple(each.bin(elite.descriptor[place]) for each, place in zip(bins, places, strict=True))
        if key not in found or elite.gain > found[key].gain:
            found[key] = elite
    return found


def bins_of_map(archive: Archive) -> list[Bins]:
    """The bins of each dimension of an archive."""
    return [Bins.of(each, gridded=archive.layout == "grid") for each in archive.dimensions]


def archive_table(archives: Archives) -> Grid:
    """A row for each archive and task: how much is filled, and how well."""
    titles = ("cells", "of", "coverage", "best", "mean", "QD score")
    grid = Grid([Column("archive"), Column("task"), *(Column(title, "number") for title in titles)])
    for source, elites, task in archives.tasks():
        grid.add(source, task, *_cells(statistics(elites, task)))
    return grid


def _cells(found: Statistics) -> Iterator[str]:
    yield f"{found.filled:,}"
    yield "–" if found.cells is None else f"{found.cells:,}"
    yield "–" if found.coverage is None else f"{found.coverage:.1%}"
    for figure in (found.best, found.mean, found.qd_score):
        yield "–" if figure is None else f"{figure:.5g}"


def archive_json(archives: Archives) -> list[dict[str, Any]]:
    """The rows of the table as JSON."""
    return [
        {
            "archive": source,
            "task": task,
            "cells": found.filled,
            "of": found.cells,
            "coverage": found.coverage,
            "best": found.best,
            "mean": found.mean,
            "qd_score": found.qd_score,
        }
        for source, elites, task in archives.tasks()
        for found in [statistics(elites, task)]
    ]


def draw(elites: Elites, task: str) -> RenderableType:
    """The map of a task's archive, with its figures and how its elites spread over each dimension."""
    found = statistics(elites, task)
    share = "" if found.coverage is None else f" of {found.cells:,} ({found.coverage:.1%})"
    heading = Text("▦ ", style="green").append(task, style="bold")
    heading.append(f"  {elites.archive.layout}, {found.filled:,} cells{share}", style="dim")
    parts: list[RenderableType] = [heading]
    if found.best is not None:
        parts.append(Text(f"  best {found.best:g}  mean {found.mean:.4g}  QD score {found.qd_score:g}"))
    bins = bins_of_map(elites.archive)
    if found.filled:
        parts += _map(elites, task, bins)
        parts += [_marginal(elites, task, bins, place) for place in range(len(bins))]
    return Group(*parts)


def _map(elites: Elites, task: str, bins: Sequence[Bins]) -> Iterator[Text]:
    """The lines of the map of the first two dimensions: one elite a square, brighter if better; · is empty."""
    places = list(range(min(2, len(bins))))
    best = best_of_bins(elites, task, [bins[place] for place in places], places)
    low, high = (pick(elite.gain for elite in best.values()) for pick in (min, max))
    across, up = bins[0], bins[1] if len(bins) > 1 else None
    for row in range(up.count - 1 if up else 0, -1, -1):
        line = Text(f"  {label(up, row):>9} ")
        for column in range(across.count):
            elite = best.get((column, row) if up else (column,))
            if elite is None:
                line.append("· ", style="dim")
            else:
                share = (elite.gain - low) / (high - low) if high > low else 1.0
                line.append(BARS[round(share * (len(BARS) - 1))] * 2, style=SHADES[round(share * (len(SHADES) - 1))])
        yield line
    first, last = label(across, 0), label(across, across.count)
    width = 2 * across.count
    yield Text(f"  {'':>9} {first}{last:>{max(1, width - len(first))}}", style="dim")
    others = "" if len(bins) < 3 else f"; the best over {', '.join(each.name for each in bins[2:])}"
    upward = f", up: {up.name}" if up else ""
    yield Text(f"  {'':>9} right: {across.name}{upward}{others}", style="dim")


def label(bins: Bins | None, place: int) -> str:
    """What stands at the lower edge of a bin."""
    if bins is None:
        return ""
    if bins.categories:
        return bins.categories[min(place, len(bins.categories) - 1)][:9]
    value = bins.edges[place]
    return rounded(value) if value >= 10_000 else f"{value:.4g}"


def _marginal(elites: Elites, task: str, bins: Sequence[Bins], place: int) -> Text:
    """How many elites have each bin of one dimension."""
    counts = [0] * bins[place].count
    for elite in elites.all(task):
        counts[bins[place].bin(elite.descriptor[place])] += 1
    most = max(counts)
    bars = "".join("·" if not count else BARS[round(count / most * (len(BARS) - 1))] for count in counts)
    low, high = label(bins[place], 0), label(bins[place], bins[place].count)
    return Text(f"  {bins[place].name}  {bars}  {low} to {high}, at most {most:,} elites", style="dim")

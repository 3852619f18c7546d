"""Small tasks of our own for the search over grids, which need no data set."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import orjson
from psynth_arc.domain import Arc

from psynth.plugins import Example, Frontier, Task
from tests.pipeline_command import stream

Grid = list[list[int]]
REQUEST = "tgrid -> tgrid"

INPUTS: Sequence[Grid] = (
    [[1, 0, 0, 0], [0, 0, 2, 0], [0, 0, 2, 0]],
    [[0, 0, 1, 1], [0, 0, 0, 0], [2, 0, 0, 0]],
    [[0, 1, 0, 0], [0, 0, 0, 2], [0, 0, 0, 0]],
    [[0, 0, 0, 0], [2, 0, 1, 0], [0, 0, 0, 0]],
)


def mirrored(grid: Grid) -> Grid:
    """Left for right."""
    return [row[::-1] for row in grid]


def exchanged(grid: Grid) -> Grid:
    """Colors 1 and 2 exchanged."""
    return [[{1: 2, 2: 1}.get(color, color) for color in row] for row in grid]


def twice(grid: Grid) -> Grid:
    """The grid beside itself."""
    return [row + row for row in grid]


def rays(grid: Grid) -> Grid:
    """Color 1 goes on to the right, under the other cells."""
    rows = []
    for row in grid:
        ray = 0
        new = []
        for color in row:
            ray = 1 if color == 1 else ray
            new.append(color or ray)
        rows.append(new)
    return rows


FUNCTIONS: Sequence[Callable[[Grid], Grid]] = (mirrored, exchanged, twice, rays)


def task(function: Callable[[Grid], Grid], *, outputs: bool = True) -> Task:
    """Three demonstrations and a test of a function; without ``outputs``, with a wrong output of the test."""
    *shown, test = INPUTS
    wanted = function(test) if outputs else [[9]]
    return Task(
        id=f"arc/{function.__name__}",
        domain="arc",
        request=REQUEST,
        examples=(*(Example([grid], function(grid)) for grid in shown), Example([test], wanted, "test")),
    )


def tasks(*given: Task) -> bytes:
    """A stream of tasks, with the library of the search."""
    library = Arc().library("search")
    return stream(*(orjson.loads(record.encode()) for record in [library, *(Frontier(each) for each in given)]))

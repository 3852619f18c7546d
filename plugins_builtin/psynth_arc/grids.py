"""Grids of colors as tasks have them: rectangular lists of rows, at most 30 by 30, of colors from 0 to 9."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from psynth.core.errors import InputError

SIDE: Final = 30
"""The greatest height and width of a grid."""
COLORS: Final = 10
"""The number of colors."""

Grid: TypeAlias = list[list[int]]
"""Rows from top to bottom of colors from left to right."""


def checked_grid(value: Any) -> Grid:
    """A grid of a task; InputError says what is wrong with any other value."""
    grid = shaped_grid(value)
    height, width = len(grid), len(grid[0])
    if height > SIDE or width > SIDE:
        raise InputError(f"the grid is {height} by {width}; the greatest is {SIDE} by {SIDE}")
    for number, row in enumerate(grid):
        for color in row:
            if not 0 <= color < COLORS:
                raise InputError(f"row {number} has {color}; colors are integers from 0 to {COLORS - 1}")
    return grid


def shaped_grid(value: Any) -> Grid:
    """Any rectangle of integers, of any size, as programs may return it; InputError for another value."""
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        raise InputError("expected a grid, a list of rows of colors")
    if not value or not value[0]:
        raise InputError("the grid is empty")
    for number, row in enumerate(value):
        if len(row) != len(value[0]):
            raise InputError(f"the grid is ragged: row {number} has {len(row)} cells, row 0 has {len(value[0])}")
        for color in row:
            if type(color) is not int:
                raise InputError(f"row {number} has {color!r}; colors are integers from 0 to {COLORS - 1}"[:200])
    return value

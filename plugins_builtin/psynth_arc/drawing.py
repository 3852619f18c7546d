"""Grids as pictures: in the terminal as digits on their colors, and as pixels, several side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from psynth_arc.grids import Grid

if TYPE_CHECKING:
    from rich.text import Text

PALETTE: Final = (
    *("#000000", "#0074d9", "#ff4136", "#2ecc40", "#ffdc00"),
    *("#aaaaaa", "#f012be", "#ff851b", "#7fdbff", "#870c25"),
)
"""The colors in which ARC's tasks are published: black, blue, red, green, yellow, gray, pink, orange, cyan, maroon."""
OTHER: Final = "#ffffff"
"""The color of numbers that are no color, and of what is right in a difference."""
DARK: Final = frozenset((0, 1, 9))
"""The colors on which digits are light."""
INK, LIGHT_INK = "#222222", "#dddddd"
"""The colors of digits."""
RIGHT: Final = -(1 << 62)
"""What stands for a cell that is right, in a difference: no color, as any may be the one that is wanted."""
RIGHT_MARK, RIGHT_INK = "·", "#888888"
WIDE: Final = 15
"""The greatest width of a grid whose cells take two characters, so that they are nearly square."""
CELL, LINE, GAP = 12, 1, 24
"""Pixels: the side of a cell, the line between cells, and the gap between grids."""
GROUND, MARGIN_COLOR = 64, 255
"""The gray of lines, and that around grids."""


def draw(grid: Grid) -> Text:
    """A grid for the terminal, a line for each row."""
    from rich.style import Style
    from rich.text import Text

    columns = 1 if len(grid[0]) > WIDE else 2
    lines = []
    for row in grid:
        line = Text()
        for color in row:
            if color == RIGHT:
                line.append(RIGHT_MARK.ljust(columns), Style(color=RIGHT_INK))
                continue
            known = 0 <= color < len(PALETTE)
            mark = (str(color) if known else "+").ljust(columns)
            style = Style(color=LIGHT_INK if color in DARK else INK, bgcolor=PALETTE[color] if known else OTHER)
            line.append(mark, style)
        lines.append(line)
    return Text("\n").join(lines)


def raster(grids: Sequence[Grid]) -> Any:
    """Grids side by side as a uint8 array (height, width, 3)."""
    import numpy as np

    shown = [_pixels(grid) for grid in grids]
    height = max(each.shape[0] for each in shown) + GAP
    width = sum(each.shape[1] for each in shown) + GAP * len(shown)
    page = np.full((height, width, 3), MARGIN_COLOR, dtype=np.uint8)
    left = GAP // 2
    for each in shown:
        top = (height - each.shape[0]) // 2
        page[top : top + each.shape[0], left : left + each.shape[1]] = each
        left += each.shape[1] + GAP
    return page


def _pixels(grid: Grid) -> Any:
    import numpy as np

    colors = np.array([tuple(bytes.fromhex(each[1:])) for each in (*PALETTE, OTHER)], dtype=np.uint8)
    numbers = np.array(grid)
    cells = colors[np.where((numbers >= 0) & (numbers < len(PALETTE)), numbers, len(PALETTE))]
    page = cells.repeat(CELL + LINE, axis=0).repeat(CELL + LINE, axis=1)
    page[:: CELL + LINE] = page[:, :: CELL + LINE] = GROUND
    return np.pad(page, ((0, LINE), (0, LINE), (0, 0)), constant_values=GROUND)


def difference(found: Grid, wanted: Grid) -> Grid | None:
    """The cells that are wrong, in the colors wanted, among `RIGHT`; None if none is, or the sizes differ."""
    if found == wanted or (len(found), len(found[0])) != (len(wanted), len(wanted[0])):
        return None
    return [
        [RIGHT if a == b else b for a, b in zip(row, other, strict=True)]
        for row, other in zip(found, wanted, strict=True)
    ]

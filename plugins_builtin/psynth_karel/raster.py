"""Draws worlds as pixels: a tile a cell, on a light ground, smooth at the edges."""

from __future__ import annotations

import functools
from typing import Any

from psynth_karel.machine import Picture
from psynth_karel.tints import BODY, DOOR, FOOD, GOAL, OPEN_DOOR, TRAIL, Tints

LARGEST, SMALLEST, SIDE = 32, 4, 480
"""Pixels: of a tile at the most and at the least, and of a world's longer side where neither decides."""
SMOOTH = 6
"""Samples along each side of a pixel."""

Color = tuple[int, int, int]
FLOOR, GRID, WALL, MARKER, AGENT, EDGE, INK = (
    (252, 251, 248),
    (229, 226, 218),
    (74, 82, 98),
    (38, 128, 194),
    (232, 93, 47),
    (92, 33, 12),
    (255, 255, 255),
)
GROUND: dict[str, Color] = {
    GOAL: (203, 235, 196),
    DOOR: (178, 128, 72),
    OPEN_DOOR: (241, 222, 192),
    TRAIL: (183, 191, 208),
    BODY: (137, 199, 132),
    FOOD: (255, 205, 200),
}
TURNS = {"N": 0, "W": 1, "S": 2, "E": 3}
#: Digits, three by five.
DIGITS = {
    "2": ("111", "001", "111", "100", "111"),
    "3": ("111", "001", "111", "001", "111"),
    "4": ("101", "101", "111", "001", "001"),
    "5": ("111", "100", "111", "001", "111"),
    "6": ("111", "100", "111", "101", "111"),
    "7": ("111", "001", "001", "010", "010"),
    "8": ("111", "101", "111", "101", "111"),
    "9": ("111", "101", "111", "001", "111"),
    "A": ("10111", "10101", "10101", "10101", "10111"),
}


def raster(picture: Picture, tints: Tints) -> Any:
    """A state as an array (height, width, 3) of bytes: walls dark, markers blue with their count, the agent red."""
    import numpy as np

    height, width = len(picture.map), len(picture.map[0])
    side = max(SMALLEST, min(LARGEST, SIDE // max(height, width)))
    image = np.empty((height * side + 1, width * side + 1, 3), dtype=np.uint8)
    image[:] = GRID
    for row, line in enumerate(picture.map):
        for column, cell in enumerate(line):
            heading = picture.heading if (row, column) == (picture.row, picture.column) else ""
            ground = tints.get((row, column), "")
            tile = _tile(side, cell, ground, heading)
            image[row * side : row * side + side + 1, column * side : column * side + side + 1] = tile
    return image


@functools.cache
def _tile(side: int, cell: str, ground: str, heading: str) -> Any:
    """One cell with the grid's lines around it: an array (side + 1, side + 1, 3)."""
    import numpy as np

    solid = cell == "#"
    color = GROUND[ground] if ground in (TRAIL, DOOR) or (ground and not solid) else WALL if solid else FLOOR
    tile = np.empty((side + 1, side + 1, 3), dtype=np.float64)
    tile[:] = color if solid else GRID
    tile[1:-1, 1:-1] = color
    if heading:
        _paint(tile, _triangle(side, heading, 0.0), EDGE)
        _paint(tile, _triangle(side, heading, max(0.03, 1 / side)), AGENT)
    if cell not in "#.":
        # Under the agent a marker shows in a corner.
        center, radius = ((0.78, 0.22), 0.19) if heading else ((0.5, 0.5), 0.3)
        _paint(tile, _disc(side, center, radius), MARKER)
        if cell != "1" and radius * side >= 4:
            _paint(tile, _digit(side, cell, center, radius), INK)
    return np.rint(tile).astype(np.uint8)


def _paint(tile: Any, cover: Any, color: Color) -> None:
    """Lay a color over a tile; ``cover`` says how much of each pixel it covers."""
    import numpy as np

    tile += cover[:, :, None] * (np.array(color) - tile)


def _samples(side: int) -> Any:
    """The coordinates (x, y) of the samples in a tile, from 0 to 1."""
    import numpy as np

    line = (np.arange((side + 1) * SMOOTH) + 0.5) / ((side + 1) * SMOOTH)
    return np.meshgrid(line, line)


def _cover(inside: Any, side: int) -> Any:
    """The share of each pixel's samples that are inside."""
    return inside.reshape(side + 1, SMOOTH, side + 1, SMOOTH).mean(axis=(1, 3))


def _disc(side: int, center: tuple[float, float], radius: float) -> Any:
    x, y = _samples(side)
    return _cover((x - center[0]) ** 2 + (y - center[1]) ** 2 <= radius**2, side)


def _triangle(side: int, heading: str, inset: float) -> Any:
    """An arrowhead that points to the heading, smaller by ``inset`` on all sides."""
    import numpy as np

    x, y = _samples(side)
    top, bottom, half, notch = 0.14, 0.86, 0.36, 0.14
    across, along = np.abs(x - 0.5), (y - top) / (bottom - top)
    slant = np.hypot(1, half / (bottom - top))
    inside = across <= half * along - inset * slant
    inside &= y <= bottom - notch * (1 - across / half) - inset * 1.2
    return np.rot90(_cover(inside, side), TURNS[heading])


def _digit(side: int, cell: str, center: tuple[float, float], radius: float) -> Any:
    """A marker count in its disc, in whole pixels, so that it stays sharp."""
    import numpy as np

    rows = np.array([[float(bit) for bit in row] for row in DIGITS[cell]])
    scale = max(1, int(radius * side * 1.25) // len(rows))
    glyph = np.kron(rows, np.ones((scale, scale)))
    cover = np.zeros((side + 1, side + 1))
    top = round(center[1] * (side + 1) - glyph.shape[0] / 2)
    left = round(center[0] * (side + 1) - glyph.shape[1] / 2)
    cover[max(top, 0) : top + glyph.shape[0], left : left + glyph.shape[1]] = glyph[max(-top, 0) :, : side + 1 - left]
    return cover

"""Draws worlds as pixels: a tile for each cell, on a light ground, with smooth edges (needs Pillow)."""

from __future__ import annotations

import functools
from typing import Any

from psynth.learning.extras import require
from psynth_karel.machine import Picture
from psynth_karel.tints import BODY, DOOR, FOOD, GOAL, OPEN_DOOR, TRAIL, Tints

LARGEST, SMALLEST, SIDE = 32, 4, 480
"""Pixels: the largest and smallest side of a tile, and the longer side of a world between these two limits."""
FINE = 4
"""Pixels along each side of a pixel while a tile is drawn, before it is reduced."""

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
ARROWHEAD = ((0.5, 0.14), (0.86, 0.86), (0.5, 0.72), (0.14, 0.86))
"""The agent facing north, as shares of a tile's side."""
TURNS = {"N": 0, "W": 1, "S": 2, "E": 3}
"""Counterclockwise quarter turns from north."""


def raster(picture: Picture, tints: Tints) -> Any:
    """A state as a uint8 array (height, width, 3): walls dark, markers blue with their count, the agent red.

    UsageError where Pillow is missing.
    """
    require("--image", "PIL", extra="pictures")
    import numpy as np
    from PIL import Image

    height, width = len(picture.map), len(picture.map[0])
    side = max(SMALLEST, min(LARGEST, SIDE // max(height, width)))
    image = Image.new("RGB", (width * side + 1, height * side + 1), GRID)
    for row, line in enumerate(picture.map):
        for column, cell in enumerate(line):
            heading = picture.heading if (row, column) == (picture.row, picture.column) else ""
            tile = _tile(side, cell, tints.get((row, column), ""), heading)
            image.paste(tile, (column * side, row * side))
    return np.array(image)


@functools.cache
def _tile(side: int, cell: str, ground: str, heading: str) -> Any:
    """One cell with the grid lines around it: an image of side + 1 pixels squared."""
    from PIL import Image, ImageDraw, ImageFont

    solid = cell == "#"
    color = GROUND[ground] if ground in (TRAIL, DOOR) or (ground and not solid) else WALL if solid else FLOOR
    size = (side + 1) * FINE
    tile = Image.new("RGB", (size, size), color if solid else GRID)
    draw = ImageDraw.Draw(tile)
    draw.rectangle((FINE, FINE, size - FINE - 1, size - FINE - 1), fill=color)
    if heading:
        corners: tuple[tuple[float, float], ...] = ARROWHEAD
        for _ in range(TURNS[heading]):
            corners = tuple((y, 1 - x) for x, y in corners)
        edge = round(max(0.03 * size, FINE))
        draw.polygon([(x * size, y * size) for x, y in corners], fill=AGENT, outline=EDGE, width=edge)
    if cell not in "#.":
        # The agent leaves a corner of its cell for the markers.
        x, y, radius = (0.78 * size, 0.22 * size, 0.19 * size) if heading else (size / 2, size / 2, 0.3 * size)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=MARKER)
        if cell != "1" and radius >= 4 * FINE:
            font = ImageFont.load_default(1.4 * radius)
            draw.text((x, y), str(int(cell, 16)), fill=INK, font=font, anchor="mm")
    return tile.resize((side + 1, side + 1), Image.Resampling.BOX)

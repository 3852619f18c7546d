"""Draws walkers as pixels, with smooth edges (needs Pillow)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psynth.learning.extras import require
from psynth_sodarace.machine import Joint, constants
from psynth_sodarace.stage import Link, Stage

WIDTH, HEIGHT = 480, 320
"""Pixels: the greatest width and height."""
FINE = 3
"""Pixels along each side of a pixel while a frame is drawn, before it is reduced."""
STRETCHED = 0.3
"""The stretch with the full color."""

Color = tuple[int, int, int]
SKY, EARTH, BONE, JOINT, EDGE = (252, 251, 248), (178, 150, 116), (74, 82, 98), (255, 205, 110), (92, 62, 12)
RELAXED, SHORT, LONG = (150, 150, 156), (214, 60, 40), (38, 110, 214)
"""Muscles as they are at first, shorter and longer."""


def raster(stage: Stage, joints: Sequence[Joint], links: Sequence[Link]) -> Any:
    """A frame as a uint8 array (height, width, 3): contracted muscles red, stretched ones blue, bones dark.

    UsageError where Pillow is missing.
    """
    require("--image", "PIL", extra="pictures")
    import numpy as np
    from PIL import Image, ImageDraw

    width, height = stage.right - stage.left, stage.top - stage.bottom
    scale = min(WIDTH / width, HEIGHT / height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    image = Image.new("RGB", (size[0] * FINE, size[1] * FINE), SKY)
    pen = ImageDraw.Draw(image)

    def place(point: Joint) -> tuple[float, float]:
        return (point[0] - stage.left) * scale * FINE, (stage.top - point[1]) * scale * FINE

    _terrain(pen, stage, place)
    thick = max(FINE, round(0.12 * scale * FINE))
    for link in sorted(links, key=lambda link: link.stretch is not None):
        color = BONE if link.stretch is None else _tint(link.stretch)
        pen.line([place(link.start), place(link.end)], fill=color, width=thick)
    radius = constants().radius * scale * FINE
    for joint in joints:
        x, y = place(joint)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=JOINT, outline=EDGE, width=FINE)
    return np.array(image.resize(size, Image.Resampling.BOX))


def _terrain(pen: Any, stage: Stage, place: Any) -> None:
    count = 121
    step = (stage.right - stage.left) / (count - 1)
    surface = [place((stage.left + step * number, height)) for number, height in enumerate(stage.ground(count))]
    below = [place((stage.right, stage.bottom - 1)), place((stage.left, stage.bottom - 1))]
    pen.polygon([*surface, *below], fill=EARTH)
    solid = stage.solid()
    if solid is not None:
        left, bottom, right, top = solid
        pen.rectangle((*place((left, top)), *place((right, bottom))), fill=EARTH)


def _tint(stretch: float) -> Color:
    share = min(1.0, abs(stretch) / STRETCHED)
    goal = LONG if stretch > 0 else SHORT
    red, green, blue = (round(low + share * (high - low)) for low, high in zip(RELAXED, goal, strict=True))
    return red, green, blue

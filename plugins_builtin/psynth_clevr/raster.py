"""Draws scenes as pixels, in a simple perspective with smooth edges (needs Pillow)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, TypeAlias

from psynth.learning.extras import require
from psynth_clevr.drawing import TINTS, positions
from psynth_clevr.scenes import REACH, Scene, Thing

WIDTH, HEIGHT = 480, 320
"""Pixels of a picture."""
FINE: Final = 3
"""Pixels along each side of a pixel while a picture is drawn, before it is reduced."""
HORIZON: Final = 90
"""Pixels from the top to the back of the ground."""
RADIUS: Final = {"large": 34.0, "small": 18.0}
"""Half the width of an object in front, in pixels."""
FARTHEST: Final = 0.55
"""What an object at the back is drawn as, as a share of its size in front."""

Color: TypeAlias = tuple[int, int, int]
WALL, GROUND, SHADOW, RING, INK = (226, 227, 230), (204, 205, 208), (172, 173, 178), (255, 140, 0), (255, 255, 255)


def raster(scene: Scene, marked: Collection[int] = ()) -> Any:
    """A scene as a uint8 array (height, width, 3), the objects with their ids; those ``marked`` stand in a ring.

    UsageError where Pillow is missing.
    """
    require("--image", "PIL", extra="pictures")
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), WALL)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, (HORIZON - 20) * FINE, WIDTH * FINE, HEIGHT * FINE), fill=GROUND)
    placed = sorted(zip(scene, positions(scene), strict=True), key=lambda pair: -pair[1][1])
    for thing, (x, y) in placed:
        near = 1 - min(1.0, max(0.0, (y + REACH) / (2 * REACH)))
        scale = (FARTHEST + (1 - FARTHEST) * near) * FINE
        center = WIDTH * FINE / 2 + x / REACH * (WIDTH / 2 - 60) * scale
        foot = (HORIZON + near * (HEIGHT - HORIZON - 24)) * FINE
        half = RADIUS[thing.attributes["size"]] * scale
        _shadow(pen, center, foot, half, thing.id in marked)
        _solid(pen, thing, center, foot, half)
        font = ImageFont.load_default(0.8 * half)
        pen.text((center, foot - half), str(thing.id), fill=INK, font=font, anchor="mm")
    return np.array(image.resize((WIDTH, HEIGHT), Image.Resampling.BOX))


def _shadow(pen: Any, x: float, foot: float, half: float, marked: bool) -> None:
    if marked:
        pen.ellipse((x - 1.6 * half, foot - 0.75 * half, x + 1.6 * half, foot + 0.55 * half), fill=RING)
        pen.ellipse((x - 1.4 * half, foot - 0.62 * half, x + 1.4 * half, foot + 0.42 * half), fill=GROUND)
    pen.ellipse((x - 1.15 * half, foot - 0.45 * half, x + 1.25 * half, foot + 0.3 * half), fill=SHADOW)


def _solid(pen: Any, thing: Thing, x: float, foot: float, half: float) -> None:
    """The body above its foot, lit from the upper left; metal has a glint."""
    hexadecimal = TINTS[thing.attributes["color"]]
    color = (int(hexadecimal[1:3], 16), int(hexadecimal[3:5], 16), int(hexadecimal[5:7], 16))
    dark, light = _mixed(color, (0, 0, 0), 0.3), _mixed(color, (255, 255, 255), 0.3)
    top, left, right = foot - 2 * half, x - half, x + half
    match thing.attributes["shape"]:
        case "sphere":
            pen.ellipse((left, top, right, foot), fill=dark)
            pen.ellipse((left + 0.05 * half, top + 0.03 * half, right - 0.25 * half, foot - 0.3 * half), fill=color)
        case "cylinder":
            flat = 0.3 * half
            pen.ellipse((left, foot - 2 * flat, right, foot), fill=dark)
            pen.rectangle((left, top + flat, right, foot - flat), fill=dark)
            pen.rectangle((left, top + flat, x + 0.35 * half, foot - flat), fill=color)
            pen.ellipse((left, top, right, top + 2 * flat), fill=light)
        case _:
            deep = 0.45 * half
            pen.rectangle((left, top + deep, right - deep, foot), fill=color)
            pen.polygon([(left, top + deep), (left + deep, top), (right, top), (right - deep, top + deep)], fill=light)
            pen.polygon(
                [(right - deep, top + deep), (right, top), (right, foot - deep), (right - deep, foot)], fill=dark
            )
    if thing.attributes["material"] == "metal":
        glint = _mixed(color, (255, 255, 255), 0.85)
        pen.ellipse((x - 0.62 * half, top + 0.5 * half, x - 0.28 * half, top + 0.86 * half), fill=glint)


def _mixed(color: Color, other: Color, share: float) -> Color:
    red, green, blue = (round(a + share * (b - a)) for a, b in zip(color, other, strict=True))
    return red, green, blue

"""The operations of pictures as λ-terms, over fields: one number for each pixel.

A field is an array of numpy (32, 32), row by row, or a number for all pixels. A picture is a text, which the worker
processes keep and send faster than nested lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from psynth.plugins.python_domain import Primitive
from psynth_image.pixels import CHANNELS, GREATEST, SIDE, from_text, to_text
from psynth_image.targets import BLACK, BLUE, GREEN, RED, WHITE, YELLOW, Color

Field = Any


def add(f: Field, g: Field) -> Field:
    """The sum."""
    return f + g


def subtract(f: Field, g: Field) -> Field:
    """The difference."""
    return f - g


def multiply(f: Field, g: Field) -> Field:
    """The product."""
    with np.errstate(all="ignore"):
        return f * g


def modulo(f: Field, g: Field) -> Field:
    """The remainder, of the sign of the divisor; where the divisor is 0, the picture is none."""
    with np.errstate(all="ignore"):
        return np.mod(f, g)


def magnitude(f: Field) -> Field:
    """The absolute value."""
    return abs(f)


def less(f: Field, g: Field) -> Field:
    """1 where the first field is less than the second, else 0."""
    return np.less(f, g) * 1.0


def either(f: Field, g: Field) -> Field:
    """The greater of two fields at each pixel."""
    return np.maximum(f, g)


def image(red: Field, green: Field, blue: Field) -> str:
    """The picture of three fields; values below 0 are 0, those above 255 are 255."""
    layers = np.empty((SIDE, SIDE, CHANNELS))
    for number, each in enumerate((red, green, blue)):
        layers[:, :, number] = each
    if not np.isfinite(layers).all():
        raise ValueError("a field is not finite")
    return to_text(np.rint(np.clip(layers, 0, GREATEST)))


def paint(mask: Field, over: str, under: str) -> str:
    """The first picture where a field is greater than 0, the second elsewhere."""
    shown = np.broadcast_to(np.greater(mask, 0), (SIDE, SIDE))[:, :, None]
    return to_text(np.where(shown, from_text(over), from_text(under)))


def _flat(color: Color) -> str:
    return to_text(np.broadcast_to(np.array(color), (SIDE, SIDE, CHANNELS)))


_COLUMNS, _ROWS = np.arange(SIDE, dtype=float)[None, :], np.arange(SIDE, dtype=float)[:, None]
_BINARY = "field -> field -> field"

PRIMITIVES: Sequence[Primitive] = (
    *(Primitive(f"{number}.0", "field", float(number)) for number in (0, 1, 2, 4, 8, 16, 32, 100, 255)),
    Primitive("across", "field", _COLUMNS),
    Primitive("down", "field", _ROWS),
    Primitive("add", _BINARY, add),
    Primitive("sub", _BINARY, subtract),
    Primitive("mul", _BINARY, multiply),
    Primitive("mod", _BINARY, modulo),
    Primitive("abs", "field -> field", magnitude),
    Primitive("less", _BINARY, less),
    Primitive("max", _BINARY, either),
    Primitive("image", "field -> field -> field -> image", image),
    Primitive("paint", "field -> image -> image -> image", paint),
    *(
        Primitive(name, "image", _flat(color))
        for name, color in {
            "black": BLACK,
            "white": WHITE,
            "red": RED,
            "green": GREEN,
            "blue": BLUE,
            "yellow": YELLOW,
        }.items()
    ),
)

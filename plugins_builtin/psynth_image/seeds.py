"""The programs that evolution starts from: simple pictures, none of them one that is to be drawn."""

from __future__ import annotations

from collections.abc import Mapping

_RECTANGLE = """\
import numpy as np


def draw():
    picture = np.zeros((32, 32, 3), dtype=np.uint8)
    for y in range(6, 20):
        for x in range(4, 28):
            picture[y][x] = [0, 0, 255]
    return picture
"""

_TRIANGLE = """\
def draw():
    picture = []
    for y in range(32):
        row = []
        for x in range(32):
            color = [20, 20, 20]
            if x + y < 30:
                color = [200, 40, 90]
            row.append(color)
        picture.append(row)
    return picture
"""

_BAND = """\
def draw():
    picture = []
    for y in range(32):
        row = []
        for x in range(32):
            color = [255, 255, 255]
            if abs(y - 10) < 4:
                color = [30, 140, 60]
            row.append(color)
        picture.append(row)
    return picture
"""

_SHADE = """\
def draw():
    picture = []
    for y in range(32):
        row = []
        for x in range(32):
            row.append([4 * x, 4 * y, x * y % 256])
        picture.append(row)
    return picture
"""

PYTHON_SEEDS: Mapping[str, str] = {
    "rectangle": _RECTANGLE,
    "triangle": _TRIANGLE,
    "band": _BAND,
    "shade": _SHADE,
}
LAMBDA_SEEDS: Mapping[str, str] = {
    "rectangle": "(paint (mul (less across 16.0) (less down 8.0)) blue black)",
    "triangle": "(paint (less (add across down) 32.0) red black)",
    "band": "(paint (less (abs (sub down 8.0)) 4.0) green white)",
    "shade": "(image (mul across 4.0) (mul down 4.0) (mul across down))",
}

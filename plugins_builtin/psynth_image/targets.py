"""The pictures to draw, each made by a function of the place of a pixel: x to the right and y downward, from 0."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from psynth_image.pixels import SIDE, Pixels

BLACK, WHITE, RED, YELLOW = (0, 0, 0), (255, 255, 255), (255, 0, 0), (255, 255, 0)
BLUE, GREEN = (0, 0, 255), (0, 160, 0)
MIDDLE = SIDE // 2

Color: TypeAlias = tuple[int, int, int]
Paint: TypeAlias = Callable[[int, int], Color]


def _squared_distance(x: int, y: int) -> int:
    return (x - MIDDLE) ** 2 + (y - MIDDLE) ** 2


TARGETS: Mapping[str, Mapping[str, tuple[str, Paint]]] = {
    "train": {
        "circle": (
            "a yellow circle of radius 10 in the middle, on black",
            lambda x, y: YELLOW if _squared_distance(x, y) <= 100 else BLACK,
        ),
        "square": (
            "a red square of 16 pixels a side in the middle, on white",
            lambda x, y: RED if 8 <= x < 24 and 8 <= y < 24 else WHITE,
        ),
        "stripes": (
            "upright stripes of blue and white, each 4 pixels wide",
            lambda x, y: BLUE if x // 4 % 2 == 0 else WHITE,
        ),
        "gradient": (
            "red that grows to the right, and blue that grows downward, by 8 a pixel",
            lambda x, y: (8 * x, 0, 8 * y),
        ),
    },
    "test": {
        "checker": (
            "a board of black and white squares, 8 pixels a side",
            lambda x, y: BLACK if (x // 8 + y // 8) % 2 == 0 else WHITE,
        ),
        "flag": (
            "three upright stripes: green up to a third of the width, white up to two thirds, red",
            lambda x, y: GREEN if 3 * x < SIDE else WHITE if 3 * x < 2 * SIDE else RED,
        ),
        "ring": (
            "a white ring of radius 12 around the middle, 5 pixels wide, on blue",
            lambda x, y: WHITE if 49 < _squared_distance(x, y) <= 144 else BLUE,
        ),
        "diagonal": (
            "yellow over black, divided by the diagonal from the upper left",
            lambda x, y: YELLOW if x > y else BLACK,
        ),
    },
}
"""What each picture shows, and its function, by split and name."""
PAINTS: Mapping[str, Paint] = {name: paint for pictures in TARGETS.values() for name, (_, paint) in pictures.items()}


def target(name: str) -> Pixels:
    """The pixels of a picture."""
    return np.array([[PAINTS[name](x, y) for x in range(SIDE)] for y in range(SIDE)], dtype=np.int64)

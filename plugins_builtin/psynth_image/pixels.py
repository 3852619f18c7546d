"""Pictures as arrays, and from JSON: rows of pixels of three numbers, which programs return and nobody trusts."""

from __future__ import annotations

from itertools import chain
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from psynth.core.errors import InputError

SIDE: Final = 32
"""Pixels of a row, and rows of a picture."""
CHANNELS: Final = 3
"""Red, green and blue."""
GREATEST: Final = 255
"""The greatest number of a channel."""

Pixels: TypeAlias = npt.NDArray[np.int64]
"""Rows from top to bottom of pixels from left to right of red, green and blue: (32, 32, 3), from 0 to 255."""


def read_pixels(value: Any) -> Pixels:
    """The picture that a program returned, fractions rounded; InputError says which rule it breaks."""
    _of_size(value, SIDE, "the picture", "rows")
    for y, row in enumerate(value):
        _of_size(row, SIDE, f"row {y}", "pixels")
        for x, pixel in enumerate(row):
            _of_size(pixel, CHANNELS, f"pixel {x} of row {y}", "numbers")
    numbers = list(chain.from_iterable(chain.from_iterable(value)))
    if not set(map(type, numbers)) <= {int, float} or not all(0 <= each <= GREATEST for each in numbers):
        wrong = next(place for place, each in enumerate(numbers) if not _is_channel(each)) // CHANNELS
        raise InputError(
            f"pixel {wrong % SIDE} of row {wrong // SIDE} has something else than numbers from 0 to {GREATEST}"
        )
    pixels: Pixels = np.rint(np.array(value, dtype=float)).astype(np.int64)
    return pixels


def _is_channel(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= GREATEST


def _of_size(value: Any, size: int, name: str, parts: str) -> None:
    if not isinstance(value, list):
        raise InputError(f"{name} is not a list of {size} {parts}")
    if len(value) != size:
        raise InputError(f"{name} has {len(value)} {parts}, not {size}")


def to_text(pixels: npt.NDArray[Any]) -> str:
    """A picture as a text of 3,072 characters, whose numbers are those of the channels."""
    return pixels.astype(np.uint8).tobytes().decode("latin-1")


def from_text(text: str) -> npt.NDArray[np.uint8]:
    """The picture of such a text, not to be changed."""
    return np.frombuffer(text.encode("latin-1"), dtype=np.uint8).reshape(SIDE, SIDE, CHANNELS)

"""Pictures as the stream has them: ``{"image": [row…]}``, 28 rows of 28 pixels with two hexadecimal digits each."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from psynth.core.errors import InputError

SIDE: Final = 28
"""Pixels of a row, and rows of a picture."""

Pixels: TypeAlias = list[list[int]]
"""Rows from top to bottom of pixels from left to right: how much ink, from 0 to 255."""


def pixels_of(value: Any) -> Pixels:
    """The pixels of a picture; InputError if the value is none."""
    rows = value.get("image") if isinstance(value, dict) else None
    if not isinstance(rows, list) or len(rows) != SIDE:
        raise InputError(f"the value is no picture, an object with an image of {SIDE} rows")
    pixels = []
    for number, row in enumerate(rows):
        try:
            pixels.append(list(bytes.fromhex(row)))
        except (TypeError, ValueError):
            raise InputError(f"row {number} of the image is not {2 * SIDE} hexadecimal digits") from None
        if len(pixels[-1]) != SIDE or len(row) != 2 * SIDE:
            raise InputError(f"row {number} of the image is not {2 * SIDE} hexadecimal digits")
    return pixels


def picture(pixels: Pixels) -> dict[str, Any]:
    """A picture of such pixels."""
    return {"image": [bytes(row).hex() for row in pixels]}

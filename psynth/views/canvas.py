"""Pictures as views draw them: blank ones, text, and PNG files (needs Pillow)."""

from __future__ import annotations

import io
from typing import Any

from psynth.core.errors import UsageError
from psynth.core.extras import installation

PAPER, INK, FAINT = (255, 255, 255), (35, 38, 47), (104, 110, 122)
"""The colors of the background, of text and of what is less important."""


def pillow() -> tuple[Any, Any, Any]:
    """Pillow's Image, ImageDraw and ImageFont; UsageError names the extra if they are missing."""
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError as error:
        raise UsageError(f"--image needs Pillow ({error}); {installation('pictures')}") from error
    return Image, ImageDraw, ImageFont


def blank(width: int, height: int) -> Any:
    """An empty picture."""
    image, _, _ = pillow()
    return image.new("RGB", (width, height), PAPER)


def from_array(raster: Any) -> Any:
    """The picture of RGB pixels."""
    image, _, _ = pillow()
    return image.fromarray(raster)


def write(page: Any, place: tuple[int, int], text: str, size: int, color: tuple[int, int, int]) -> None:
    """Write a text into a picture, its upper left corner at ``place``."""
    _, draw, font = pillow()
    draw.Draw(page).text(place, text, fill=color, font=font.load_default(size))


def text_width(text: str, size: int) -> int:
    """The width of a text in pixels."""
    _, _, font = pillow()
    return int(font.load_default(size).getlength(text)) + 1


def saved(sheet: Any) -> bytes:
    """A picture as a PNG file."""
    out = io.BytesIO()
    sheet.save(out, "PNG", optimize=True)
    return out.getvalue()

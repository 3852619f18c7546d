"""Pictures of packings, on terminals and as images."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from psynth.core.errors import InputError
from psynth.core.stream.records import Library, Task
from psynth.plugins.domain import Domain
from psynth.plugins.evaluator import Budget
from psynth.plugins.source_domain import PYTHON
from psynth.plugins.views import Animation, Frame, Views
from psynth_circle_packing.packing import Packing, circles_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rich.text import Text

ROWS = 20
"""Characters of a picture from the top to the bottom of the square; there are twice as many in a row."""
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot of a braille character, by row and column."""
BLANK = 0x2800
PIXELS, FINE = 480, 3
"""Pixels along a side of an image, and along a side of each while it is drawn."""
PAPER, EDGE, SMALL, LARGE = (252, 251, 248), (60, 66, 82), (246, 214, 130), (70, 130, 180)
"""Colors: those of circles go from small to large."""


class PackingViews(Views):
    """Packings as a single frame."""

    def __init__(self, domain: Domain) -> None:
        self._domain = domain

    def animate(
        self,
        library: Library,
        task: Task,
        program: str | None,
        *,
        language: str = PYTHON,
        instance: int = 0,
        held_out: bool = False,
    ) -> Animation:
        """The packing that a program constructs; without a program, the empty square."""
        if held_out or instance:
            raise InputError("a task of circle-packing has only instance 0, and none held out")
        circles = circles_of(task)
        packing = Packing((), ()) if program is None else self._packing(library, program, language, circles)
        caption = "empty" if program is None else f"sum of radii {packing.total:.9f}, {packing.contacts} contacts"
        frame = Frame(caption, partial(draw, packing), partial(raster, packing))
        return Animation(f"{circles} circles", [frame])

    def _packing(self, library: Library, program: str, language: str, circles: int) -> Packing:
        with self._domain.evaluator(library, Budget(), language=language) as evaluator:
            [outcome] = evaluator.run(program, None, [()])
        if outcome.status != "ok":
            raise InputError(f"the program failed with status {outcome.status}: {outcome.message}")
        packing = Packing.read(outcome.value, circles)
        if (fault := packing.fault()) is not None:
            raise InputError(fault)
        return packing


def draw(packing: Packing) -> Text:
    """The edges of the circles and of the square, in braille characters."""
    import numpy as np
    from rich.text import Text

    dots = _edges(packing, ROWS * len(DOTS))
    cells = dots.reshape(ROWS, len(DOTS), -1, len(DOTS[0])).transpose(0, 2, 1, 3)
    letters = BLANK + (cells * np.array(DOTS)).sum(axis=(2, 3))
    return Text("\n".join("".join(map(chr, row)) for row in letters), style="cyan")


def _edges(packing: Packing, size: int) -> NDArray[np.bool_]:
    """Which of size × size dots are on an edge; the first row is the top."""
    import numpy as np

    places = (np.arange(size) + 0.5) / size
    x, y = places[None, :], places[::-1, None]
    border = (np.arange(size) == 0) | (np.arange(size) == size - 1)
    dots: NDArray[np.bool_] = border[None, :] | border[:, None]
    for (a, b), r in zip(packing.centers, packing.radii, strict=True):
        dots |= abs(np.hypot(x - a, y - b) - r + 0.5 / size) <= 0.5 / size
    return dots


def raster(packing: Packing) -> Any:
    """A uint8 array (height, width, 3): the larger a circle, the bluer. UsageError where Pillow is missing."""
    from psynth.learning.extras import require

    require("--image", "PIL", extra="pictures")
    import numpy as np
    from PIL import Image, ImageDraw

    side = PIXELS * FINE
    image = Image.new("RGB", (side, side), PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, side - 1, side - 1), outline=EDGE, width=FINE)
    low, high = min(packing.radii, default=0.0), max(packing.radii, default=0.0)
    for (x, y), r in zip(packing.centers, packing.radii, strict=True):
        share = (r - low) / (high - low) if high > low else 1.0
        color = tuple(round(first + share * (last - first)) for first, last in zip(SMALL, LARGE, strict=True))
        box = ((x - r) * side, (1 - y - r) * side, (x + r) * side, (1 - y + r) * side)
        pen.ellipse(box, fill=color, outline=EDGE, width=FINE)
    return np.array(image.resize((PIXELS, PIXELS), Image.Resampling.BOX))

"""Draws walkers on a terminal with braille characters: eight dots in each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from psynth_sodarace.machine import Joint
from psynth_sodarace.stage import Link, Stage

if TYPE_CHECKING:
    from rich.text import Text

COLUMNS, ROWS = 48, 14
"""Most characters of a picture."""
ACROSS, DOWN = 2, 4
"""Dots of a character."""
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot, by row and column."""
BLANK = 0x2800
GROUND, BONE, MUSCLE, JOINT = "green", "white", "red", "bold yellow"
"""Styles; where several meet in a character, the last of them counts."""


def draw(stage: Stage, joints: Sequence[Joint], links: Sequence[Link]) -> Text:
    """A frame as colored text."""
    canvas = _Canvas(stage)
    canvas.terrain()
    for link in sorted(links, key=lambda link: link.stretch is not None):
        canvas.line(link.start, link.end, BONE if link.stretch is None else MUSCLE)
    for joint in joints:
        canvas.dot(*canvas.place(joint), JOINT)
    return canvas.text()


class _Canvas:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        width, height = stage.right - stage.left, stage.top - stage.bottom
        self._scale = min(COLUMNS * ACROSS / width, ROWS * DOWN / height)
        self._columns = min(COLUMNS, max(1, -(-int(width * self._scale) // ACROSS)))
        self._rows = min(ROWS, max(1, -(-int(height * self._scale) // DOWN)))
        self._bits = [[0] * self._columns for _ in range(self._rows)]
        self._styles = [[""] * self._columns for _ in range(self._rows)]

    def place(self, joint: Joint) -> tuple[int, int]:
        """The column and row of the dot at a place."""
        x, y = joint
        return int((x - self._stage.left) * self._scale), int((self._stage.top - y) * self._scale)

    def dot(self, column: int, row: int, style: str) -> None:
        """Set a dot, if it is in the picture."""
        x, y = column // ACROSS, row // DOWN
        if 0 <= x < self._columns and 0 <= y < self._rows:
            self._bits[y][x] |= DOTS[row % DOWN][column % ACROSS]
            self._styles[y][x] = style

    def line(self, start: Joint, end: Joint, style: str) -> None:
        """Set the dots from one place to another."""
        (x0, y0), (x1, y1) = self.place(start), self.place(end)
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for step in range(steps + 1):
            self.dot(x0 + round((x1 - x0) * step / steps), y0 + round((y1 - y0) * step / steps), style)

    def terrain(self) -> None:
        """Draw the ground, and fill what is behind a wall or a ceiling."""
        count = self._columns * ACROSS
        for column, height in enumerate(self._stage.ground(count)):
            self.dot(column, self.place((0.0, height))[1], GROUND)
        solid = self._stage.solid()
        if solid is not None:
            (left, low), (right, high) = self.place((solid[0], solid[1])), self.place((solid[2], solid[3]))
            for row in range(high, low):
                for column in range(left, right + 1):
                    self.dot(column, row, GROUND)

    def text(self) -> Text:
        """The picture."""
        from rich.text import Text

        text = Text()
        for number, (bits, styles) in enumerate(zip(self._bits, self._styles, strict=True)):
            if number:
                text.append("\n")
            for bit, style in zip(bits, styles, strict=True):
                text.append(chr(BLANK + bit) if bit else " ", style=style)
        return text

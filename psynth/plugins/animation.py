"""What a domain shows of a program at work: frames, each to be drawn on a terminal or as an image."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Frame:
    """One moment. Both pictures are made only when they are asked for, so that long episodes cost little.

    ``caption`` is a short line: what was just done, and how far it has got. ``draw`` makes a rich renderable,
    ``raster`` a numpy array of type uint8 and shape (height, width, 3): pixels, red, green and blue. All rasters of an
    animation have one shape.
    """

    caption: str
    draw: Callable[[], Any]
    raster: Callable[[], Any]


@dataclass(frozen=True)
class Animation:
    """A program at work in one of a task's instances, from the initial state to the last.

    ``title`` says which instance it is, ``instances`` how many the task has. ``total`` is the number of frames before
    some were left out.
    """

    title: str
    frames: Sequence[Frame]
    instances: int = 1
    total: int | None = None

    def thinned(self, most: int) -> Animation:
        """The animation with ``most`` frames at the most, spread evenly; the first and the last stay (``most`` ≥ 2)."""
        count = len(self.frames)
        if count <= most:
            return self
        last = most - 1
        kept = [self.frames[(place * (count - 1) + last // 2) // last] for place in range(most)]
        return dataclasses.replace(self, frames=kept, total=self.total or count)

    @property
    def note(self) -> str:
        """What was left out, in a few words; empty if nothing was."""
        return "" if self.total is None else f"{len(self.frames)} of {self.total} frames"

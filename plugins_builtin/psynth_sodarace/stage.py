"""What pictures of a walker show: a window on the terrain that holds the whole motion, and the state of each muscle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from psynth_sodarace.machine import Connection, Joint, constants, ground

MARGIN = 1.0
"""The room around the motion."""
DEPTH = 1.0
"""How far the window reaches below the level ground."""
TUNNEL = "tunnel"


class Link(NamedTuple):
    """A connection in a frame."""

    start: Joint
    end: Joint
    stretch: float | None
    """Of a muscle, by which share it is longer than at first, negative if it is shorter; None for a bone."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A window on a terrain, in the units of walkers."""

    terrain: str
    left: float
    right: float
    top: float
    limit: float | None
    """Where a wall is (x) or a ceiling (y)."""

    @classmethod
    def around(cls, terrain: str, frames: Sequence[Sequence[Joint]], limit: float | None) -> Self:
        """The window around all frames."""
        places = [place for frame in frames for place in frame]
        room = constants().radius + MARGIN
        left, right = min(x for x, _ in places) - room, max(x for x, _ in places) + room
        return cls(terrain, left, right, max(y for _, y in places) + room, limit)

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return -DEPTH

    def ground(self, count: int) -> list[float]:
        """The height of the ground at so many places, spread evenly from left to right."""
        step = (self.right - self.left) / max(1, count - 1)
        return ground(self.terrain, [self.left + step * each for each in range(count)])

    def solid(self) -> tuple[float, float, float, float] | None:
        """Left, bottom, right and top of the part of the window behind the wall or the ceiling."""
        if self.limit is None:
            return None
        left, bottom, right, top = self.left, 0.0, self.right, self.top
        if self.terrain == TUNNEL:
            bottom = self.limit
        elif self.limit < 0:
            right = self.limit
        else:
            left = self.limit
        return (left, bottom, right, top) if left < right and bottom < top else None

    def links(self, connections: Sequence[Connection], first: Sequence[Joint], now: Sequence[Joint]) -> list[Link]:
        """The connections in a frame, compared with the first one."""
        found = []
        for start, end, rhythm in connections:
            length = math.dist(first[start], first[end])
            stretch = None if rhythm is None else math.dist(now[start], now[end]) / length - 1
            found.append(Link(now[start], now[end], stretch))
        return found

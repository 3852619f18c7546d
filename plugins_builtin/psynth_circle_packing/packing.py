"""Packings from JSON, which are not trusted, and the exact check of what makes them valid."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from psynth.core.errors import InputError
from psynth.core.stream.records import Task

FORMAT = "expected [centers, radii]: a list of points [x, y] and a list of as many numbers"
MOST = 200
"""Circles that a task may ask for: the exact check of all pairs takes a tenth of a second then."""
TOUCHING = 1e-9
"""Circles with a distance up to this count as touching in what is told about a packing; validity has no tolerance."""


def circles_of(task: Task) -> int:
    """The number of circles that a task asks for; InputError if there is none."""
    circles = (task.environment or {}).get("circles")
    if type(circles) is not int or not 1 <= circles <= MOST:
        raise InputError(f"environment.circles: expected an integer from 1 to {MOST}", task=task.id)
    return circles


@dataclass(frozen=True, slots=True)
class Packing:
    """Circles: a center and a radius each, as the floats that a program returned."""

    centers: Sequence[tuple[float, float]]
    radii: Sequence[float]

    @classmethod
    def read(cls, value: Any, count: int) -> Packing:
        """A packing of ``count`` circles from what a program returned; InputError says what is wrong with its form.

        A third item, the sum of the radii that some programs return, is ignored.
        """
        if not isinstance(value, list) or len(value) not in (2, 3) or not all(isinstance(x, list) for x in value[:2]):
            raise InputError(FORMAT)
        centers, radii = value[:2]
        if len(centers) != count or len(radii) != count:
            raise InputError(f"{len(centers)} centers and {len(radii)} radii instead of {count} each")
        places = [_point(number, center) for number, center in enumerate(centers)]
        return cls(places, [_number(radius, f"the radius of circle {number}") for number, radius in enumerate(radii)])

    def fault(self) -> str | None:
        """Why the packing is invalid, without any tolerance; None if it is valid.

        Floats are rational numbers, and so is every number that is compared: nothing is rounded.
        """
        circles = [(Fraction(x), Fraction(y), Fraction(r)) for (x, y), r in zip(self.centers, self.radii, strict=True)]
        for number, (x, y, r) in enumerate(circles):
            if r < 0:
                return f"circle {number} has a negative radius"
            for side, room in (("left", x), ("bottom", y), ("right", 1 - x), ("top", 1 - y)):
                if room < r:
                    return f"circle {number} crosses the {side} side of the square by {_about(r - room)}"
        for (i, (x0, y0, r0)), (j, (x1, y1, r1)) in itertools.combinations(enumerate(circles), 2):
            if (x0 - x1) ** 2 + (y0 - y1) ** 2 < (r0 + r1) ** 2:
                return f"circles {i} and {j} overlap{self._depth(i, j)}"
        return None

    def _depth(self, i: int, j: int) -> str:
        depth = self.radii[i] + self.radii[j] - math.dist(self.centers[i], self.centers[j])
        return f" by {depth:.3g}" if depth > 0 else " by less than a rounding error"

    @property
    def total(self) -> float:
        """The sum of the radii, rounded once."""
        return float(sum(map(Fraction, self.radii)))

    @property
    def contacts(self) -> int:
        """The number of pairs that touch, and of circles that touch a side, as often as they do."""
        return sum(gap <= TOUCHING for gap in self._gaps())

    def _gaps(self) -> Iterator[float]:
        circles = list(zip(self.centers, self.radii, strict=True))
        for (x, y), r in circles:
            yield from (x - r, y - r, 1 - x - r, 1 - y - r)
        for (a, r), (b, s) in itertools.combinations(circles, 2):
            yield math.dist(a, b) - r - s


def _point(number: int, value: Any) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise InputError(f"center {number} is not a list of two numbers")
    return _number(value[0], f"center {number}"), _number(value[1], f"center {number}")


def _number(value: Any, name: str) -> float:
    if type(value) not in (int, float):
        raise InputError(f"{name} has something else than a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise InputError(f"{name} has a number that is too large")
    return number


def _about(value: Fraction) -> str:
    return f"{float(value):.3g}"

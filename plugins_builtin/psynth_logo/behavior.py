"""The behavior space of drawings: how much ink they have, and how symmetric they are."""

from __future__ import annotations

from collections.abc import Sequence

from psynth.core.errors import InputError
from psynth.plugins.behavior import Axis, Behavior
from psynth.plugins.evaluator import Outcome
from psynth_logo.pictures import SIDE, pixels_of


class Ink(Behavior):
    """The share of the canvas that has ink, and the share of the ink that stays where it is in a mirror."""

    axes = (Axis("ink", 0.0, 0.3), Axis("symmetry", 0.0, 1.0))

    def of(self, outcomes: Sequence[Outcome]) -> tuple[float, ...] | None:
        """Both shares; None for what is no picture. A mirror swaps left and right; an empty canvas is symmetric."""
        try:
            pixels = pixels_of(outcomes[0].value) if outcomes else None
        except InputError:
            return None
        if pixels is None:
            return None
        ink = sum(map(sum, pixels))
        kept = sum(min(left, right) for row in pixels for left, right in zip(row, reversed(row), strict=True))
        return round(ink / (255 * SIDE * SIDE), 6), round(kept / ink, 6) if ink else 1.0

"""The behavior space of pictures: how red, green and blue they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psynth.plugins.behavior import Axis, Behavior
from psynth.plugins.evaluator import Outcome
from psynth_image.judging import NAMES
from psynth_image.pixels import GREATEST


class Tint(Behavior):
    """The means of red, green and blue."""

    axes = tuple(Axis(name, 0.0, float(GREATEST)) for name in NAMES)

    def of(self, outcomes: Sequence[Outcome]) -> tuple[float, ...] | None:
        """The three means; None for what is no picture."""
        if not outcomes or not isinstance(outcomes[0].value, Mapping):
            return None
        return tuple(float(outcomes[0].value[name]) for name in NAMES)

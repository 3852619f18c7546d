"""The behavior space of walkers: how they are built, as in *Evolution through Large Models* (Lehman et al. 2022)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psynth.plugins.behavior import Axis, Behavior
from psynth.plugins.evaluator import Outcome
from psynth_sodarace.machine import constants


class Build(Behavior):
    """Height, width and mass, up to the greatest that a walker may have."""

    def __init__(self) -> None:
        rules = constants()
        self.axes = (
            Axis("height", 0.0, rules.size),
            Axis("width", 0.0, rules.size),
            Axis("mass", 0.0, rules.mass),
        )

    def of(self, outcomes: Sequence[Outcome]) -> tuple[float, ...] | None:
        """The three measures; None for what is no walker or does not come to rest."""
        if not outcomes or not isinstance(outcomes[0].value, Mapping):
            return None
        value = outcomes[0].value
        return tuple(float(value[axis.name]) for axis in self.axes)

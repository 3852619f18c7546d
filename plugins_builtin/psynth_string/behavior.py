"""The behavior space of vectors: the mean and the spread of the numbers, whatever the length of the word."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from psynth.plugins.behavior import Axis, Behavior
from psynth.plugins.evaluator import Outcome
from psynth_string.letters import GREATEST, LEAST


class MeanAndSpread(Behavior):
    """Mean and standard deviation: the vector itself, in five bins a letter, would take 5ⁿ cells for n letters."""

    axes = (Axis("mean", LEAST, GREATEST), Axis("spread", 0.0, (GREATEST - LEAST) / 2))

    def of(self, outcomes: Sequence[Outcome]) -> tuple[float, ...] | None:
        """The two figures; None for what is no vector."""
        if not outcomes or outcomes[0].status != "ok":
            return None
        numbers = outcomes[0].value["numbers"]
        return statistics.fmean(numbers), statistics.pstdev(numbers)

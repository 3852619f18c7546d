"""The behavior space of policies: the shares of turns and of marker actions among all actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psynth.plugins.behavior import Axis, Behavior
from psynth.plugins.evaluator import Outcome
from psynth_karel.machine import actions


class KarelBehavior(Behavior):
    """The shares of turns and of marker actions among all actions."""

    axes = (Axis("turns", 0.0, 1.0), Axis("marker actions", 0.0, 1.0))

    def of(self, outcomes: Sequence[Outcome]) -> tuple[float, ...] | None:
        """Both shares; None if there are no actions."""
        counts = dict.fromkeys(actions(), 0)
        for outcome in outcomes:
            done = outcome.value.get("actions", ()) if isinstance(outcome.value, Mapping) else ()
            for name in done:
                counts[name] += done[name] if isinstance(done, Mapping) else 1
        total = sum(counts.values())
        if not total:
            return None
        turns = counts["turnLeft"] + counts["turnRight"]
        return turns / total, (counts["pickMarker"] + counts["putMarker"]) / total

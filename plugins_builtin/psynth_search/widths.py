"""Numbers of neighbors to examine: constant, or growing during the search."""

from __future__ import annotations

import math
from collections.abc import Callable


def constant(neighbors: int) -> Callable[[int], int]:
    """A constant number."""
    return lambda evaluations: neighbors


def sine_ramp(first: int, last: int, budget: int) -> Callable[[int], int]:
    """A number K(n) that grows from ``first`` to ``last`` as the evaluations n go from 1 to ``budget`` N.

        log₂ K(n) = (1 − r(n)) log₂ first + r(n) log₂ last,   r(n) = ½ + ½ sin(π (log n / log N − ½))

    From LLM-GS (Liu et al., ICLR 2025), section on scheduled hill climbing.
    """
    low, high = math.log2(first), math.log2(last)
    whole = math.log(max(budget, 2))

    def width(evaluations: int) -> int:
        passed = min(1.0, math.log(max(evaluations, 1)) / whole)
        ramp = 0.5 + 0.5 * math.sin(math.pi * (passed - 0.5))
        return round(2 ** ((1 - ramp) * low + ramp * high))

    return width

"""The primitive set ``search``: the building blocks of ``enumerate --method grid``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

PREFIX: Final = "grid_"
"""Begins the names of the primitives that only this set has."""

SHARED: Final = ("map", "+", "*")
"""Primitives of other sets: elementwise operations, and arithmetic on the sides of a canvas."""

LEAST, GREATEST = -3, 30
"""The integers of the set: shifts, colors and sides of a grid."""


def search_productions(machine: Iterable[str]) -> list[str]:
    """The names in the set, for the names of the λ-machine's primitives."""
    own = [name for name in machine if name.startswith(PREFIX)]
    return [*own, *SHARED, *map(str, range(LEAST, GREATEST + 1))]

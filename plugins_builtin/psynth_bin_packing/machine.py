"""Client of the simulation of bin packing: the only module that imports it from the Rust extension."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

from psynth.core.errors import EngineError


class Packed(NamedTuple):
    """What the packing of one instance amounts to."""

    bins: int
    """The bins that hold an item."""
    full: int
    """The bins without space left at the end."""
    early: int
    """The items for which a bin was opened although one with space for it was open."""


def run(capacity: int, table: Sequence[float], instances: Sequence[Sequence[int]]) -> list[Packed]:
    """Pack each instance, in the order of its items.

    An item goes into the bin with the highest priority of those with space for it and of the next empty one; of several
    into the one opened first. ``table`` has the priority for size ``s`` and space ``p`` at ``s * (capacity + 1) + p``.
    """
    return [Packed(*found) for found in _native().packing_run(capacity, table, instances)]


@functools.cache
def _native() -> Any:
    try:
        from psynth import _native
    except ImportError as error:
        raise EngineError(
            f"the bin packing in psynth._native cannot be loaded ({error}); "
            "reinstall psynth where cargo is (apt: cargo-web rustc-web)"
        ) from error
    return _native

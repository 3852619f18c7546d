"""The settings that limit one evaluation, for every method that has them as options."""

from __future__ import annotations

from typing import Any

from psynth.core.limits import DEFAULT_FUEL, DEFAULT_MEMORY, DEFAULT_SIZE, LARGEST
from psynth.core.settings import setting

MEGABYTE = 1 << 20
"""Bytes of a megabyte of `memory_setting`."""


def fuel_setting() -> Any:
    """The option ``--fuel``: an int."""
    return setting(DEFAULT_FUEL, minimum=1, maximum=LARGEST, unit="steps", help="maximum steps of one evaluation")


def size_setting(*, was: str = "") -> Any:
    """The option ``--max-cells``: an int; ``was`` is a former flag."""
    return setting(
        DEFAULT_SIZE,
        minimum=1,
        maximum=LARGEST,
        unit="cells",
        flag="--max-cells",
        was=was,
        help="maximum list cells and characters that one evaluation allocates",
    )


def memory_setting() -> Any:
    """The option ``--memory``: an int, in megabytes."""
    return setting(
        DEFAULT_MEMORY // MEGABYTE,
        minimum=1,
        maximum=1 << 20,
        unit="megabytes",
        help="maximum memory that one evaluation allocates, if programs run in Python",
    )

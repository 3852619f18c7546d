"""Numbers in tables, with three digits and a unit prefix where they are large."""

from __future__ import annotations


def rounded(count: float) -> str:
    """A count with three digits and a unit prefix: 950, 12.3k, 2.53M."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:.3g}{letter}"
    return f"{count:.0f}"


def amount(value: float) -> str:
    """An amount of any unit: 0.0123, 4.57, 950, 12.3k."""
    return rounded(value) if value >= 100 else f"{value:.3g}"

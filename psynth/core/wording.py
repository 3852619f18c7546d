"""Wording that all messages share: a number with its noun."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun, as in ``1 frontier``, ``2 frontiers`` and ``1,000 frontiers``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"

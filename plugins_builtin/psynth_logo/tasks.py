"""The figures of each split, in an order that makes the first few diverse."""

from __future__ import annotations

from hashlib import blake2b

from psynth_logo.figures import FAMILIES, Figure


def split_of(figure: Figure) -> str:
    """``train`` or ``test``: a hash of the name holds out a third of all figures, the same for every seed."""
    return "test" if blake2b(figure.name.encode(), digest_size=1).digest()[0] % 3 == 0 else "train"


def figures(split: str) -> list[Figure]:
    """The figures of a split: one of every family before the second of any."""
    families = [[figure for figure in family() if split_of(figure) == split] for family in FAMILIES]
    ranked = [(rank, place, figure) for place, family in enumerate(families) for rank, figure in enumerate(family)]
    return [figure for _, _, figure in sorted(ranked, key=lambda row: row[:2])]

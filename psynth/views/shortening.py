"""Names shortened in the middle, so that what tells them apart remains."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

ELLIPSIS = "…"
LEAST = 12
"""The least width of a shortened name."""


def shortened(names: Sequence[str], width: int) -> list[str] | None:
    """The names, each at most ``width`` characters long and as distinct as before; None if that is impossible.

    A name that is too long keeps its beginning and its end. If names differ only between these, the parts that all of
    them share are left out instead.
    """
    if width < LEAST:
        return None
    distinct = len(set(names))
    for tail in _tails(width - 1):
        found = [_in_the_middle(name, width, tail) for name in names]
        if len(set(found)) == distinct:
            return found
    return _differing(names, width)


def _tails(room: int) -> list[int]:
    """The lengths of the end to try: two thirds of the room first, as the end of a path says most."""
    wanted = room * 2 // 3
    return sorted(range(2, room - 1), key=lambda tail: abs(tail - wanted))


def _in_the_middle(name: str, width: int, tail: int) -> str:
    return name if len(name) <= width else name[: width - 1 - tail] + ELLIPSIS + name[-tail:]


def _differing(names: Sequence[str], width: int) -> list[str] | None:
    """The names without the beginning and the end that those which are too long share."""
    long = list(dict.fromkeys(name for name in names if len(name) > width))
    start = _shared(long)
    end = _shared([name[start:][::-1] for name in long])
    found = []
    for name in names:
        if len(name) <= width:
            found.append(name)
            continue
        middle = name[start : len(name) - end]
        room = width - len(middle) - 2
        if room < 0:
            return None
        before = room // 2
        first = name[max(0, start - before) : start]
        last = name[len(name) - end : len(name) - end + room - before]
        found.append(f"{ELLIPSIS}{first}{middle}{last}{ELLIPSIS}")
    return found if len(set(found)) == len(set(names)) else None


def _shared(names: Sequence[str]) -> int:
    """The number of characters that names have in common at their beginning."""
    return sum(1 for _ in takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False)))


def least_width(names: Sequence[str]) -> int:
    """The least width to which names can be shortened."""
    longest = max(map(len, names), default=0)
    return next((width for width in range(LEAST, longest) if shortened(names, width) is not None), longest)

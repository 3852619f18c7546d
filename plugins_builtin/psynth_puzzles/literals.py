"""Literals of Python source: which JSON can hold, and integers too long for Python to read in decimal."""

from __future__ import annotations

import io
import math
import tokenize
from typing import Any

LONGEST = 4300
"""The number of digits of an integer that Python reads in decimal, by default."""
EXACT = 10**308
"""From here on, the integers of a stream are not exact."""
_PART = 4000


def with_short_integers(source: str) -> str:
    """The source with the integers that Python refuses to read in decimal written in hexadecimal, which has no limit.

    A source that has no tokens is returned as it is.
    """
    if len(source) <= LONGEST:
        return source
    lines = source.splitlines(keepends=True)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return source
    for token in reversed(tokens):
        if token.string.isdecimal() and len(token.string) > LONGEST:
            row, line = token.start[0] - 1, lines[token.start[0] - 1]
            lines[row] = line[: token.start[1]] + hex(_integer(token.string)) + line[token.end[1] :]
    return "".join(lines)


def _integer(digits: str) -> int:
    value = 0
    for start in range(0, len(digits), _PART):
        part = digits[start : start + _PART]
        value = value * 10 ** len(part) + int(part)
    return value


def holds_in_json(value: Any) -> bool:
    """Whether a stream holds a literal as it is: all keys are texts, and numbers neither endless nor infinite."""
    if isinstance(value, list):
        return all(map(holds_in_json, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) and holds_in_json(item) for key, item in value.items())
    if isinstance(value, int):
        return abs(value) < EXACT
    return math.isfinite(value) if isinstance(value, float) else isinstance(value, str | None)

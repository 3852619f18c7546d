"""The string functions of SMT-LIB 2.7 in Python, written from the standard alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def at(text: str, position: int) -> str:
    return substr(text, position, 1)


def substr(text: str, start: int, count: int) -> str:
    return text[start : start + count] if 0 <= start < len(text) and count > 0 else ""


def indexof(text: str, part: str, start: int) -> int:
    return text.find(part, start) if 0 <= start <= len(text) else -1


def to_int(text: str) -> int:
    return int(text) if text and all("0" <= each <= "9" for each in text) else -1


FUNCTIONS: dict[str, tuple[str, Callable[..., Any]]] = {
    "str.++": ("string string", lambda a, b: a + b),
    "str.replace": ("string string string", lambda text, part, by: text.replace(part, by, 1)),
    "str.at": ("string int", at),
    "str.substr": ("string int int", substr),
    "str.len": ("string", len),
    "str.indexof": ("string string int", indexof),
    "str.to_int": ("string", to_int),
    "str.from_int": ("int", lambda value: str(value) if value >= 0 else ""),
    "str.prefixof": ("string string", lambda part, whole: whole.startswith(part)),
    "str.suffixof": ("string string", lambda part, whole: whole.endswith(part)),
    "str.contains": ("string string", lambda whole, part: part in whole),
}
"""The types of the arguments, and the function."""

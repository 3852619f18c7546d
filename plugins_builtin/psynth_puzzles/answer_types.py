"""The types of answers: ``int``, ``bool``, ``float``, ``str``, and lists of them, as ``List[List[int]]``."""

from __future__ import annotations

import re
from typing import Any

_TYPE = re.compile(r"((?:List\[)*)(int|bool|float|str)(\]*)")
_SCALARS = {"int": int, "bool": bool, "float": float, "str": str}


def is_type(text: str) -> bool:
    """Whether a text is such a type."""
    found = _TYPE.fullmatch(text)
    return found is not None and len(found[1]) // len("List[") == len(found[3])


def fits(value: Any, expected: str) -> bool:
    """Whether a value is of a type. As in P3, an integer is no float, and a truth value no integer."""
    if expected.startswith("List["):
        return type(value) is list and all(fits(item, expected[len("List[") : -1]) for item in value)
    return type(value) is _SCALARS[expected]


def term_type(expected: str) -> str | None:
    """The type of λ-terms for a type of answers; None for those with fractions, of which terms have none."""
    if expected.startswith("List["):
        inner = term_type(expected[len("List[") : -1])
        return None if inner is None else f"list({inner})"
    return None if expected == "float" else expected


def type_of(value: Any) -> str | None:
    """The type of λ-terms that a value has; None if it has none. A list without elements is one of integers."""
    if type(value) is list:
        kinds = {type_of(each) for each in value} or {"int"}
        [kind, *others] = kinds
        return None if others or kind is None else f"list({kind})"
    return {int: "int", bool: "bool", str: "str"}.get(type(value))

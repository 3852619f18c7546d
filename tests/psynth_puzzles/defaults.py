"""Values of a type that a program may well return without having solved anything."""

from __future__ import annotations

from typing import Any

SCALARS: dict[str, list[Any]] = {"int": [0], "bool": [False], "float": [0.0], "str": [""]}


def defaults(kind: str) -> list[Any]:
    """The least values of a type."""
    if kind.startswith("List["):
        return [[], [[]] if kind.startswith("List[List[") else defaults(kind[5:-1])]
    return SCALARS[kind]

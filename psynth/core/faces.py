"""Public faces of packages: names declared in a package's stub file, each imported when it is first used."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any


def lazy_face(package: str, file: str) -> tuple[Callable[[str], Any], list[str]]:
    """The ``__getattr__`` and the ``__all__`` of a package, from the ``from … import X as X`` lines of its stub.

    ``package`` and ``file`` are the package's ``__name__`` and ``__file__``; the stub is beside the file. One
    declaration serves type checkers, editors and the running program, and importing the package imports nothing else.
    """
    homes = _homes(f"{file}i")

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(homes[name]), name)

    return get, sorted(homes)


def _homes(stub: str) -> Mapping[str, str]:
    """The module of each name that a stub declares."""
    homes: dict[str, str] = {}
    with open(stub, encoding="utf-8") as lines:
        for line in lines:
            words = line.split()
            if len(words) == 6 and words[0::2] == ["from", "import", "as"]:
                homes[words[3]] = words[1]
    return homes

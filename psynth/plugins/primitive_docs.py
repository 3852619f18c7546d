"""What the primitives of a domain mean, for people: a line for each, with an example that tests run."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PrimitiveDoc:
    """What a primitive means: ``summary`` in a line, and as an example the ``value`` of ``program`` for ``inputs``."""

    summary: str
    program: str | None = None
    inputs: tuple[Any, ...] = ()
    value: Any = None


def from_docstring(function: Any) -> PrimitiveDoc | None:
    """The first sentence of the docstring of a function that has one."""
    text = inspect.getdoc(function) if inspect.isroutine(function) else None
    if not text or not text.strip():
        return None
    return PrimitiveDoc(" ".join(text.split("\n\n")[0].split()).removesuffix("."))

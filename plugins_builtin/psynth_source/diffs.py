"""Unified diffs between two programs, and their lenient application to another."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

NO_NEWLINE = "\\ No newline at end of file"


def lines_of(text: str) -> list[str]:
    """The lines of a text with their ends: only a newline ends one."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def difference(before: str, after: str) -> str:
    """The unified diff from one text to another, as ``diff -u`` writes it; empty for equal texts."""
    found: Sequence[str] = list(difflib.unified_diff(lines_of(before), lines_of(after), "parent", "program"))
    return "".join(line if line.endswith("\n") else f"{line}\n{NO_NEWLINE}\n" for line in found)

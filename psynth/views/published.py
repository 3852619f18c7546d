"""Published figures, read from a file for comparison."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from pathlib import Path

from psynth.core.errors import InputError
from psynth.core.files import read_json

PUBLISHED = "published"
"""The name of a figure without a name in the file."""


def read_published(path: Path) -> dict[str, dict[str, float]]:
    """Figures by task and name: ``{"*/maze-*": 0.5, "*/harvester-*": {"LEAPS": 0.45}}``; tasks may be patterns.

    InputError if the file has another structure.
    """
    data = read_json(path)
    if not isinstance(data, dict):
        raise InputError('expected an object that maps tasks to figures: {"*/maze-*": 0.5}', source=str(path))
    found = {}
    for task, figures in data.items():
        named = figures if isinstance(figures, dict) else {PUBLISHED: figures}
        if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in named.values()):
            raise InputError(f"{task}: expected a number, or an object that maps names to numbers", source=str(path))
        found[task] = {name: float(value) for name, value in named.items()}
    return found


def figures_for(task: str, published: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """The figures of a task: those of its id, then those of matching patterns."""
    found: dict[str, float] = dict(published.get(task, {}))
    for pattern, figures in published.items():
        if fnmatch.fnmatchcase(task, pattern):
            found = {**figures, **found}
    return found

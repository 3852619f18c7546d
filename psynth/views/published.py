"""Figures that others published, read from a file to compare with one's own."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from pathlib import Path

from psynth.core.errors import InputError
from psynth.core.files import read_json

PUBLISHED = "published"
"""The name of a figure that has none in the file."""


def read_published(path: Path) -> dict[str, dict[str, float]]:
    """Figures by task and name: ``{"*/maze-*": 0.5, "*/harvester-*": {"LEAPS": 0.45}}``; tasks may be patterns.

    InputError where the file is something else.
    """
    data = read_json(path)
    if not isinstance(data, dict):
        raise InputError('expected an object from task to figure: {"*/maze-*": 0.5}', source=str(path))
    found = {}
    for task, figures in data.items():
        named = figures if isinstance(figures, dict) else {PUBLISHED: figures}
        if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in named.values()):
            raise InputError(f"{task}: expected a number, or an object from name to number", source=str(path))
        found[task] = {name: float(value) for name, value in named.items()}
    return found


def figures_for(task: str, published: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """The figures of a task: those under its own id, then those under patterns that match it."""
    found: dict[str, float] = dict(published.get(task, {}))
    for pattern, figures in published.items():
        if fnmatch.fnmatchcase(task, pattern):
            found = {**figures, **found}
    return found

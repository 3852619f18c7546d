"""What runs in the sandbox: writes a task's files and a program, calls the evaluator, and returns what it found.

The text of this module is the program of a job; nothing of psynth is imported. The output of evaluator and program is
discarded, as their answer is a value.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import math
import numbers
import os
import sys
import types
from dataclasses import dataclass, field
from typing import Any

LONGEST = 16_384
"""Maximum number of characters of an artifact; the rest is cut off."""
MOST = 64
"""Maximum number of artifacts."""
DISTRIBUTION = "openevolve"


@dataclass
class EvaluationResult:
    """Metrics with artifacts, as evaluators that import ``openevolve.evaluation_result`` return them."""

    metrics: dict[str, Any]
    artifacts: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, metrics: dict[str, Any]) -> EvaluationResult:
        """Metrics without artifacts."""
        return cls(metrics)

    def to_dict(self) -> dict[str, Any]:
        """The metrics."""
        return self.metrics

    def has_artifacts(self) -> bool:
        """Whether there are artifacts."""
        return bool(self.artifacts)

    def get_artifact_keys(self) -> list[str]:
        """The names of the artifacts."""
        return list(self.artifacts)

    def get_artifact_size(self, key: str) -> int:
        """The size of an artifact in bytes; 0 if there is none of this name."""
        return len(_bytes(self.artifacts[key])) if key in self.artifacts else 0

    def get_total_artifact_size(self) -> int:
        """The size of all artifacts in bytes."""
        return sum(map(self.get_artifact_size, self.artifacts))


def judge(program: str, task: dict[str, Any]) -> dict[str, Any]:
    """What ``task["function"]`` of the evaluator says of a program: numbers, and texts for everything else."""
    folder = os.path.join(os.environ.get("TMPDIR", "/tmp"), "task")
    _write_files(folder, task["files"])
    path = os.path.join(os.path.dirname(folder), "program.py")
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(program)
    _prepare(folder)
    module = _loaded(os.path.join(folder, task["evaluator"]), folder)
    return _readable(getattr(module, task["function"])(path, **task["arguments"]))


def _write_files(folder: str, files: dict[str, Any]) -> None:
    for name, content in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        data = base64.b64decode(content["base64"]) if isinstance(content, dict) else content.encode()
        with open(path, "wb") as file:
            file.write(data)


def _prepare(folder: str) -> None:
    """Discard output, and let this process and those that it starts find the task's modules and the packages."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.chdir(folder)
    sys.path.insert(0, folder)
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    if importlib.util.find_spec(DISTRIBUTION) is None:
        package, result = types.ModuleType(DISTRIBUTION), types.ModuleType(f"{DISTRIBUTION}.evaluation_result")
        package.__path__ = []
        result.EvaluationResult = package.EvaluationResult = EvaluationResult  # type: ignore[attr-defined]
        package.evaluation_result = result  # type: ignore[attr-defined]
        sys.modules |= {package.__name__: package, result.__name__: result}


def _loaded(path: str, folder: str) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location("evaluation_module", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{os.path.relpath(path, folder)} is no Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _readable(result: Any) -> dict[str, Any]:
    """What an evaluator returned, as JSON; TypeError if it returned neither metrics nor a result with metrics."""
    metrics = result if isinstance(result, dict) else getattr(result, "metrics", None)
    if not isinstance(metrics, dict):
        raise TypeError(f"the evaluator returned a value of type {type(result).__name__}, not metrics")
    artifacts = {} if isinstance(result, dict) else getattr(result, "artifacts", None) or {}
    figures = {str(name): float(value) for name, value in metrics.items() if _is_finite(value)}
    texts = {str(name): value for name, value in metrics.items() if str(name) not in figures}
    texts |= {str(name): value for name, value in dict(artifacts).items()}
    return {"figures": figures, "artifacts": {name: _text(texts[name]) for name in list(texts)[:MOST]}}


def _is_finite(value: Any) -> bool:
    try:
        return isinstance(value, numbers.Real) and math.isfinite(float(value))
    except (OverflowError, ValueError):
        return False


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def _text(value: Any) -> str:
    """An artifact as text; what is neither text nor bytes is written as JSON where it can be."""
    if not isinstance(value, str | bytes):
        try:
            value = json.dumps(value, default=str)
        except (TypeError, ValueError, RecursionError):
            value = repr(value)
    text = _bytes(value).decode("utf-8", "replace")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"

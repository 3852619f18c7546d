"""How much of the noise in signals a program removes: 1 is all of it, 0 none."""

from __future__ import annotations

import importlib.util
import itertools
import math
import random
from typing import Any

from openevolve.evaluation_result import EvaluationResult

NOISE = 0.4


def _program(path: str) -> Any:
    spec = importlib.util.spec_from_file_location("program", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _signal(seed: int, length: int) -> list[float]:
    rng = random.Random(seed)
    waves = [(rng.uniform(0.5, 1), rng.uniform(20, 60), rng.uniform(0, 2 * math.pi)) for _ in range(3)]
    return [
        sum(height * math.sin(2 * math.pi * x / period + phase) for height, period, phase in waves)
        for x in range(length)
    ]


def _removed(program: Any, seed: int, length: int) -> tuple[float, float]:
    """The share of the noise that is removed from a signal, and how rough the result is."""
    signal, rng = _signal(seed, length), random.Random(seed + 1)
    noise = [rng.gauss(0, NOISE) for _ in signal]
    found = program.run([value + error for value, error in zip(signal, noise, strict=True)])
    if len(found) != length:
        raise ValueError(f"a signal of {len(found)} values, not of {length}")
    left = sum((value - wanted) ** 2 for value, wanted in zip(found, signal, strict=True))
    share = max(0.0, 1 - left / sum(error * error for error in noise))
    return share, sum(abs(a - b) for a, b in itertools.pairwise(found)) / length


def _result(path: str, seeds: range, length: int) -> EvaluationResult:
    program = _program(path)
    found = [_removed(program, 2 * seed, length) for seed in seeds]
    mean, rough = (sum(each) / len(found) for each in zip(*found, strict=True))
    worst = min(range(len(found)), key=lambda number: found[number][0])
    return EvaluationResult(
        metrics={"combined_score": mean, "roughness": rough},
        artifacts={"worst": f"signal {worst}: {found[worst][0]:.3f} of the noise is removed"},
    )


def evaluate_stage1(path: str) -> EvaluationResult:
    """One short signal, which a program that fails or makes it worse does not pass."""
    return _result(path, range(1), 50)


def evaluate_stage2(path: str) -> EvaluationResult:
    """Ten long signals."""
    return _result(path, range(10), 300)


def evaluate(path: str) -> EvaluationResult:
    """The whole evaluation at once."""
    return evaluate_stage2(path)

"""The evaluator of vectors: the reward falls with the distance from the letters of the word."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from psynth.core.errors import InputError
from psynth.core.stream.records import Task
from psynth.plugins.evaluator import Evaluator, Job, Outcome, ProgramError, Verdict
from psynth_string.letters import ALPHABET, GREATEST, LEAST, numbers_of, word_of


def target_of(task: Task) -> str:
    """The word of a task; InputError if it has none."""
    target = (task.environment or {}).get("target")
    if not isinstance(target, str) or not target or not set(target) <= set(ALPHABET):
        raise InputError("environment.target: expected a word of the letters a to z and A to Z", task=task.id)
    return target


class VectorEvaluator(Evaluator):
    """Reads vectors and compares them with the word of a task; nothing runs."""

    def run_all(self, jobs: Sequence[Job]) -> list[list[Outcome] | ProgramError]:
        """A vector is its own value, whatever the input."""
        answers: list[list[Outcome] | ProgramError] = []
        for job in jobs:
            numbers = _read(job.program)
            answers.append(
                numbers if isinstance(numbers, ProgramError) else [Outcome("ok", _value(numbers)) for _ in job.inputs]
            )
        return answers

    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        """One verdict a vector."""
        return [[_verdict(target_of(task), program) for program in programs] for task, programs in jobs]


def _verdict(target: str, program: str) -> Verdict:
    numbers = _read(program)
    if isinstance(numbers, ProgramError):
        return Verdict("error", -math.inf, None, rejected=numbers)
    if len(numbers) != len(target):
        message = f"the vector has {len(numbers)} numbers, not {len(target)}"
        # No vector of the right length is worse.
        least = -(GREATEST - LEAST) * len(target)
        failed = Outcome("error", message=message)
        return Verdict("error", -math.inf, 0.0, reward=least, outputs=(failed,), message=message)
    distance = math.fsum(abs(x - y) for x, y in zip(numbers, numbers_of(target), strict=True))
    solved = word_of(numbers) == target
    outcome = Outcome("ok", _value(numbers))
    score = 1 / (1 + distance / len(target))
    return Verdict("ok", 0.0 if solved else -math.inf, score, reward=-distance, outputs=(outcome,))


def _value(numbers: list[float]) -> dict[str, Any]:
    return {"word": word_of(numbers), "numbers": numbers}


def _read(program: str) -> list[float] | ProgramError:
    try:
        value = json.loads(program)
    except (ValueError, RecursionError) as error:
        return ProgramError("parse", f"not JSON: {error}")
    if not isinstance(value, list) or not value or not all(type(x) in (int, float) for x in value):
        return ProgramError("type", "a program is a list of numbers, one for each letter")
    if not all(LEAST <= x <= GREATEST for x in value):
        return ProgramError("type", f"the numbers of a program are from {LEAST:g} to {GREATEST:g}")
    return [float(x) for x in value]

"""Verdicts on formulas: how far their values are from those at the points of a task.

The reward is 1 / (1 + the relative error), as in Petersen et al. (*Deep symbolic regression*, 2021).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence

from psynth.core.stream.records import Task
from psynth.plugins.evaluator import Outcome, Verdict

TOLERANCE = 1e-9
"""A value is right if its error is at most this, times the value wanted if that is greater than 1."""


def is_right(value: float, wanted: float) -> bool:
    """Whether a value is that of the formula, up to rounding."""
    return abs(value - wanted) <= TOLERANCE * max(1.0, abs(wanted))


def squared_error(values: Sequence[float], wanted: Sequence[float]) -> float:
    """The sum of the squared errors, for ranking only: it may be infinite for finite values."""
    errors = list(map(operator.sub, values, wanted))
    squares: float = sum(map(operator.mul, errors, errors))
    return squares


def relative_error(values: Sequence[float], wanted: Sequence[float]) -> float:
    """The root of the mean squared error, divided by the standard deviation of the values wanted.

    The divisor is 1 if these are all equal. Infinite if the errors are too large for a number.
    """
    mean = math.fsum(wanted) / len(wanted)
    spread = math.hypot(*(each - mean for each in wanted))
    error = math.hypot(*(value - each for value, each in zip(values, wanted, strict=True)))
    return error / spread if spread > 0 else error / math.sqrt(len(wanted))


def verdict_of(task: Task, outcomes: Sequence[Outcome]) -> Verdict:
    """The verdict on the outcomes at a task's points; a program that fails at a training point earns 0."""
    outcomes = [_as_number(outcome) for outcome in outcomes]
    shown: list[tuple[Outcome, float]] = []
    unseen: list[tuple[Outcome, float]] = []
    for example, outcome in zip(task.examples, outcomes, strict=True):
        (unseen if example.split == "test" else shown).append((outcome, example.output))
    failed = next((each for each, _ in shown if each.status != "ok"), None)
    solved = bool(shown) and all(map(_is_right, shown))
    reward = _reward(shown)
    return Verdict(
        "ok" if failed is None else failed.status,
        None if not shown else 0.0 if solved else -math.inf,
        reward or 0.0,
        reward=reward,
        outputs=tuple(outcomes),
        held_out=sum(map(_is_right, unseen)) / len(unseen) if unseen else None,
        held_out_reward=_reward(unseen),
        message=None if failed is None else failed.message,
    )


def _is_right(pair: tuple[Outcome, float]) -> bool:
    outcome, wanted = pair
    return outcome.status == "ok" and is_right(outcome.value, wanted)


def _reward(pairs: Sequence[tuple[Outcome, float]]) -> float | None:
    """The reward at some points: 1 if it is right at all, 0 if it fails at one; None without any point."""
    if not pairs:
        return None
    if any(outcome.status != "ok" for outcome, _ in pairs):
        return 0.0
    if all(map(_is_right, pairs)):
        return 1.0
    return 1 / (1 + relative_error([outcome.value for outcome, _ in pairs], [wanted for _, wanted in pairs]))


def _as_number(outcome: Outcome) -> Outcome:
    """The outcome, or an error in place of a value that is no number."""
    if outcome.status != "ok":
        return outcome
    if type(outcome.value) not in (int, float) or abs(outcome.value) > 1e300:
        return Outcome("error", message="the program returned something else than a number up to 1e300")
    return outcome

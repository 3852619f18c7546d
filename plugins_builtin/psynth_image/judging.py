"""Verdicts on pictures: how far each is from the one to draw."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from psynth.core.errors import InputError
from psynth.core.stream.records import Task
from psynth.plugins.evaluator import Outcome, ProgramError, Verdict
from psynth_image.pixels import GREATEST, Pixels, read_pixels
from psynth_image.targets import PAINTS, target

NAMES = ("red", "green", "blue")
_target = functools.cache(target)


def target_of(task: Task) -> Pixels:
    """The picture of a task; InputError if it has none."""
    name = (task.environment or {}).get("target")
    if not isinstance(name, str) or name not in PAINTS:
        raise InputError(f"environment.target: expected one of {', '.join(PAINTS)}", task=task.id)
    return _target(name)


def verdict_of(
    task: Task, answer: Sequence[Outcome] | ProgramError, read: Callable[[Any], Pixels] = read_pixels
) -> Verdict:
    """The verdict on a program's answer. The reward is minus the mean absolute difference from the picture of the task.

    What is no picture has the reward of the greatest difference, so that no picture is worse. ``read`` makes the pixels
    from a value; InputError if it is no picture.
    """
    wanted = target_of(task)
    if isinstance(answer, ProgramError):
        return Verdict("error", -math.inf, None, rejected=answer)
    [outcome] = answer
    try:
        pixels = read(outcome.value) if outcome.status == "ok" else None
    except InputError as error:
        outcome, pixels = Outcome("error", message=error.message), None
    if pixels is None:
        return Verdict(
            outcome.status, -math.inf, 0.0, reward=-float(GREATEST), outputs=(outcome,), message=outcome.message
        )
    distance = float(np.abs(pixels - wanted).sum()) / pixels.size
    means = dict(zip(NAMES, (float(round(mean, 6)) for mean in pixels.mean(axis=(0, 1))), strict=True))
    return Verdict(
        "ok",
        0.0 if distance == 0 else -math.inf,
        1 - distance / GREATEST,
        reward=-distance,
        outputs=(Outcome("ok", means),),
    )

"""The evaluator of λ-terms: worker processes draw the pictures, which are compared in this process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from psynth.core.errors import InputError
from psynth.core.stream.records import Task
from psynth.plugins.evaluator import Job, Outcome, ProgramError, Verdict
from psynth.plugins.python_domain import PythonEvaluator
from psynth_image.judging import target_of, verdict_of
from psynth_image.pixels import CHANNELS, SIDE, Pixels, from_text

NO_ARGUMENTS: Sequence[Sequence[object]] = ((),)
"""The inputs of a program: one call without arguments."""


class LambdaPictures(PythonEvaluator):
    """Judges pictures that λ-terms draw."""

    def run_all(self, jobs: Sequence[Job]) -> list[list[Outcome] | ProgramError]:
        """One answer for each job, in order; pictures are nested lists, as Python programs return them."""
        return [
            answer if isinstance(answer, ProgramError) else [_shown(outcome) for outcome in answer]
            for answer in super().run_all(jobs)
        ]

    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        """Run every program, all in one batch, and judge the pictures."""
        for task, _ in jobs:
            target_of(task)
        batch = [Job(program, NO_ARGUMENTS, task.request) for task, programs in jobs for program in programs]
        answers = iter(super().run_all(batch))
        return [[verdict_of(task, next(answers), pixels_of) for _ in programs] for task, programs in jobs]


def pixels_of(value: Any) -> Pixels:
    """The picture that a λ-term returned; InputError if it is none, as of a program for another type."""
    if not isinstance(value, str) or len(value) != SIDE * SIDE * CHANNELS:
        raise InputError("the value is no picture")
    pixels: Pixels = from_text(value).astype(np.int64)
    return pixels


def _shown(outcome: Outcome) -> Outcome:
    try:
        return replace(outcome, value=pixels_of(outcome.value).tolist())
    except InputError:  # a failure, or a program that was asked for another type
        return outcome

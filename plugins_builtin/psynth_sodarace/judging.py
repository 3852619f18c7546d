"""Verdicts on walkers: those of a task's programs move in one batch, in this process."""

from __future__ import annotations

import math
from collections.abc import Sequence

from psynth.core.errors import InputError
from psynth.core.stream.records import Task
from psynth.plugins.evaluator import Outcome, ProgramError, Verdict
from psynth_sodarace.machine import Fault, Measures, Plan, run
from psynth_sodarace.trial import Trial
from psynth_sodarace.walkers import read_walker

HALF = 10.0
"""The displacement with a score of 1/2."""


def verdicts(task: Task, answers: Sequence[Sequence[Outcome] | ProgramError], threads: int = 1) -> list[Verdict]:
    """One verdict for each program's answer on a task; InputError if the task has no terrain or time.

    The reward is the displacement, to either side; no displacement is enough to solve a task.
    """
    trial = Trial.of(task)
    plans: list[Plan] = []
    judged: list[Verdict | None] = []
    for answer in answers:
        outcome = answer if isinstance(answer, ProgramError) else _read(answer[0])
        if isinstance(outcome, ProgramError):
            judged.append(Verdict("error", -math.inf, 0.0, rejected=outcome))
        elif isinstance(outcome, Outcome):
            judged.append(_failed(outcome))
        else:
            judged.append(None)
            plans.append(outcome)
    moved = map(_moved, run(plans, trial.terrain, trial.milliseconds, threads))
    return [next(moved) if verdict is None else verdict for verdict in judged]


def _read(outcome: Outcome) -> Plan | Outcome:
    """The walker that a program returned, or why it returned none."""
    if outcome.status != "ok":
        return outcome
    try:
        return read_walker(outcome.value)
    except InputError as error:
        return Outcome("error", message=error.message)


def _moved(found: Measures | Fault) -> Verdict:
    if isinstance(found, Fault):
        return _failed(Outcome("error", message=found.message))
    distance = abs(found.displacement)
    value = {name: round(number, 6) for name, number in found._asdict().items()}
    return Verdict("ok", None, distance / (distance + HALF), reward=distance, outputs=(Outcome("ok", value),))


def _failed(outcome: Outcome) -> Verdict:
    return Verdict(outcome.status, -math.inf, 0.0, outputs=(outcome,), message=outcome.message)

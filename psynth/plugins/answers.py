"""Answers to the tests of a task: an order of its programs, and how many are needed until one is right.

A program's answer is all its outputs on the test examples. What these should be decides whether an answer is right, and
never the order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from psynth.core.stream.records import Answers, Program, Task, encode

MOST: Final = 3
"""How many answers a task may have."""
RANKS: Final = ("length", "prior", "vote")


@dataclass(frozen=True, slots=True)
class Judged:
    """A program that was judged, with its outputs, one for each example of the task."""

    program: Program
    outputs: Sequence[Any]


def answers_of(task: Task, judged: Sequence[Judged], rank: str) -> Answers | None:
    """With how many answers a task is solved; None if it has no test examples.

    ``length``: programs by the share of shown examples that they get right, then by their length in characters, as the
    literature on ARC ranks them. ``prior``: by that share, then by their log-prior. ``vote``: of the programs that get
    all shown examples right, those with equal outputs on the tests count as one answer, the one of most programs first.
    """
    places = [place for place, example in enumerate(task.examples) if example.split == "test"]
    if not places:
        return None
    order = (
        _voted(judged, places) if rank == "vote" else sorted(judged, key=_by_prior if rank == "prior" else _by_length)
    )
    right = [each.program.held_out == 1 for each in order[:MOST]]
    return Answers(rank=rank, given=len(right), solved=right.index(True) + 1 if True in right else None)


def _by_length(each: Judged) -> tuple[float, int, str]:
    return -(each.program.score or 0.0), len(each.program.program), each.program.program


def _by_prior(each: Judged) -> tuple[float, float, int, str]:
    prior = -math.inf if each.program.log_prior is None else each.program.log_prior
    score, length, text = _by_length(each)
    return score, -prior, length, text


def _voted(judged: Sequence[Judged], places: Sequence[int]) -> list[Judged]:
    """The shortest program of each answer, that of most programs first, and of two the one of a shorter program."""
    groups: dict[bytes, list[Judged]] = {}
    for each in sorted(judged, key=_by_length):
        if each.program.score == 1:
            groups.setdefault(encode([each.outputs[place] for place in places]), []).append(each)
    return [group[0] for group in sorted(groups.values(), key=lambda group: (-len(group), _by_length(group[0])))]

"""The priority of a program in a replay buffer: a weighted mean of figures between 0 and 1."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from psynth.core.errors import UsageError
from psynth.core.seeds import stable_hash
from psynth.core.settings import did_you_mean
from psynth.core.stream.records import Program, Task

DEFAULT_WEIGHTS: Final[Mapping[str, float]] = {"score": 1.0}
"""CodeIt's: the share of the demonstrations that the program solved counts, and nothing else."""
LEAST: Final = 1e-19
"""What is added to every priority, so that those of priority 0 are drawn after all others (CodeIt's constant)."""
_PLACES = 1 << 22
_WORD = re.compile(r"[^\s()]+")


class Priority:
    """Computes priorities, as CodeIt does: Σ weight · figure / Σ weight, and 1 for solutions of given tasks.

    The figures are ``score`` (of a relabeled program that on the task it was tried for), ``length`` (1 for the empty
    program, 0 from ``length_scale`` words on), ``age`` (0 for step 0, 1 from ``age_scale`` steps on), ``distance`` (1
    where nothing differs from what was wanted) and ``novelty`` (1/n for the n-th occurrence of a program's text). What
    is not known counts as 0.
    """

    def __init__(self, weights: Mapping[str, float], length_scale: int, age_scale: int) -> None:
        self._weights = {name: weight for name, weight in weights.items() if weight}
        self._length_scale, self._age_scale = length_scale, age_scale
        # Occurrences by 22 bits of a hash: of texts that share a place the later counts as less novel.
        self._occurrences = array("L", bytes(array("L").itemsize * _PLACES)) if "novelty" in self._weights else None

    def of(self, task: Task | None, program: Program) -> float:
        """The priority of a program for a task, from 0 to 1."""
        if program.solves and (task is None or task.origin in (None, "given")):
            return 1.0
        total = sum(self._weights.values())
        if not total:
            return 0.0
        figures = {name: FIGURES[name](self, task, program) for name in self._weights}
        return sum(weight * figures[name] for name, weight in self._weights.items()) / total

    def _score(self, task: Task | None, program: Program) -> float:
        return _of_parent(task, "score", program.score or 0.0)

    def _length(self, task: Task | None, program: Program) -> float:
        return 1 - min(len(_WORD.findall(program.program)) / self._length_scale, 1)

    def _age(self, task: Task | None, program: Program) -> float:
        return min((program.step or 0) / self._age_scale, 1)

    def _distance(self, task: Task | None, program: Program) -> float:
        return 1 - _of_parent(task, "distance", 0.0 if program.solves else 1.0)

    def _novelty(self, task: Task | None, program: Program) -> float:
        assert self._occurrences is not None
        place = stable_hash(program.program) % _PLACES
        self._occurrences[place] += 1
        return 1 / self._occurrences[place]


FIGURES: Final[Mapping[str, Callable[[Priority, Task | None, Program], float]]] = {
    "score": Priority._score,
    "length": Priority._length,
    "age": Priority._age,
    "distance": Priority._distance,
    "novelty": Priority._novelty,
}
"""The figures that a priority may be made of."""


def weights_of(given: Sequence[str]) -> dict[str, float]:
    """The weights that ``NAME=WEIGHT`` texts set, over the defaults; UsageError for any other text."""
    weights = dict(DEFAULT_WEIGHTS)
    for text in given:
        name, _, number = text.partition("=")
        if name not in FIGURES:
            raise UsageError(f"--weight: {name!r} is not one of {', '.join(FIGURES)}{did_you_mean(name, FIGURES)}")
        try:
            weights[name] = float(number)
        except ValueError:
            raise UsageError(f"--weight: {text!r} is not NAME=WEIGHT, as in score=1") from None
        if not 0 <= weights[name] < float("inf"):
            raise UsageError(f"--weight: {text!r}: a weight is a number from 0 on")
    return weights


def _of_parent(task: Task | None, name: str, otherwise: float) -> float:
    """A figure of the task that a program was tried for, from 0 to 1: its task's meta has it after relabeling."""
    if task is None or task.origin != "hindsight":
        return otherwise
    value = (task.meta or {}).get(name, otherwise)
    return min(max(float(value), 0.0), 1.0) if isinstance(value, int | float) else otherwise

"""The method ``vector``: Gaussian and iso-line mutation of programs that are lists of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from psynth.core.errors import InputError
from psynth.core.python_source import NotPython
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Program
from psynth.plugins.method import Context
from psynth.plugins.source_domain import PYTHON
from psynth.plugins.vectors import JSON, NoVector, Vector
from psynth_source.variation import Made, Maker, TextVariation, Unfit

TRIES = 30
"""Attempts at a mutant that differs from its parent."""


@dataclass(frozen=True)
class VectorVariation(TextVariation):
    """Add random numbers to each program that is a list of numbers.

    Programs are JSON lists of numbers, also nested ones, or Python source with one function that returns such a list of
    constants. A mutant is x + sigma · g + line-sigma · h · (y − x), where g has standard normal numbers, h is one such
    number, and y another program of the frontier with as many numbers (Vassiliades and Mouret, 2018: the iso-line
    operator); without any other the last term is left out, which is Gaussian mutation. With --share less than 1, so
    much of g is left, one number at least, and the rest is 0. Numbers beyond the bounds of the domain, if it has any,
    become the nearest bound.
    """

    resumable = True

    sigma: float = setting(
        0.1, minimum=0.0, maximum=1e9, help="standard deviation of the step of each number, in the units of the numbers"
    )
    line_sigma: float = setting(
        0.2,
        minimum=0.0,
        maximum=1e9,
        help="standard deviation of the step along the line to another program, as a share of the way",
    )

    share: float = setting(
        1.0, minimum=0.0, maximum=1.0, help="the share of the numbers that the Gaussian step changes, one at least"
    )

    def by(self) -> str:
        """The name of the method."""
        return "vector"

    def languages(self) -> Sequence[str]:
        """JSON, and Python for functions that return constants."""
        return (JSON, PYTHON)

    def maker(self, parent: Program, mates: Sequence[str], frontier: Frontier, context: Context) -> Maker:
        """Makes mutants by steps from the parent's numbers."""
        try:
            vector = Vector.of(parent.program, parent.language)
        except NoVector as error:
            raise Unfit(str(error)) from None
        others = [each for each in mates if _numbers(each, parent.language, len(vector.numbers))]
        bounds = _bounds(frontier, context)

        def make(rng: Random) -> Made | None:
            for _ in range(TRIES):
                mate = rng.choice(others) if others and self.line_sigma else None
                steps = self._gaussian(len(vector.numbers), rng)
                if mate is not None:
                    share, goal = rng.gauss(0, self.line_sigma), _numbers(mate, parent.language, len(steps))
                    steps = [step + share * (y - x) for step, x, y in zip(steps, vector.numbers, goal, strict=True)]
                moved = [x + step for x, step in zip(vector.numbers, steps, strict=True)]
                if bounds is not None:
                    moved = [min(max(x, bounds[0]), bounds[1]) for x in moved]
                if moved != vector.numbers:
                    return Made(vector.with_numbers(moved), () if mate is None else (mate,))
            return None

        return make

    def _gaussian(self, count: int, rng: Random) -> list[float]:
        """The step without a mate, in so many dimensions."""
        if self.share == 1:
            return [rng.gauss(0, self.sigma) for _ in range(count)]
        spared = rng.randrange(count)
        return [
            rng.gauss(0, self.sigma) if place == spared or rng.random() < self.share else 0.0 for place in range(count)
        ]


def _numbers(program: str, language: str, count: int) -> list[float]:
    """The numbers of a program that has ``count``, else none."""
    try:
        numbers = Vector.of(program, language).numbers
    except (NoVector, NotPython):
        return []
    return numbers if len(numbers) == count else []


def _bounds(frontier: Frontier, context: Context) -> tuple[float, float] | None:
    """The bounds that the domain of a frontier has for the numbers of its programs, if it is installed and has any."""
    task = frontier.task
    if task is None:
        return None
    try:
        return context.domain(task.domain).bounds(task)
    except InputError:
        return None

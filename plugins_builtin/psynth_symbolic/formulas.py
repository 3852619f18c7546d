"""The published formulas of symbolic regression, and the points at which each is sampled.

Formulas and points as McDermott et al. (*Genetic programming needs better benchmarks*, 2012) collect them: of Uy et al.
(2011, called Nguyen's), of Keijzer (2003) and of Vladislavleva et al. (2009).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, exp, log, sin, sqrt
from random import Random
from typing import TypeAlias

Point: TypeAlias = tuple[float, ...]
DECIMALS = 6
"""Coordinates are rounded to so many decimal places."""


@dataclass(frozen=True, slots=True)
class Uniform:
    """Points drawn uniformly from a box; the last of ``ranges`` is that of all further coordinates."""

    count: int
    ranges: Sequence[tuple[float, float]]

    def points(self, dimensions: int, most: int, rng: Random) -> list[Point]:
        """At most ``most`` points."""
        ranges = [self.ranges[min(each, len(self.ranges) - 1)] for each in range(dimensions)]
        return [
            tuple(round(rng.uniform(low, high), DECIMALS) for low, high in ranges) for _ in range(min(self.count, most))
        ]


@dataclass(frozen=True, slots=True)
class Grid:
    """The points of a grid of (first, last, step) for each coordinate; the last of ``axes`` is that of all further."""

    axes: Sequence[tuple[float, float, float]]

    def points(self, dimensions: int, most: int, rng: Random) -> list[Point]:
        """The points in order or, of more than ``most``, so many that are drawn."""
        axes = [self._coordinates(self.axes[min(each, len(self.axes) - 1)]) for each in range(dimensions)]
        if math.prod(map(len, axes)) <= most:
            return list(itertools.product(*axes))
        drawn: dict[Point, None] = {}
        while len(drawn) < most:
            drawn[tuple(rng.choice(axis) for axis in axes)] = None
        return sorted(drawn)

    @staticmethod
    def _coordinates(axis: tuple[float, float, float]) -> list[float]:
        first, last, step = axis
        return [round(first + each * step, DECIMALS) for each in range(math.floor((last - first) / step + 1e-6) + 1)]


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula: its text, the function, how many variables it has, and the points for training and for testing."""

    text: str
    function: Callable[..., float]
    variables: int
    train: Uniform | Grid
    test: Uniform | Grid


def _even(*axes: tuple[float, float, float]) -> Grid:
    return Grid(axes)


def _nguyen(
    text: str, function: Callable[..., float], low: float = -1.0, high: float = 1.0, variables: int = 1
) -> Formula:
    """A formula on 20 points; as many as are asked for of the same distribution test it."""
    ranges = ((low, high),)
    return Formula(text, function, variables, Uniform(20, ranges), Uniform(1000, ranges))


def _bell(x: float) -> float:
    return exp(-x) * x**3 * cos(x) * sin(x) * (cos(x) * sin(x) ** 2 - 1)


def _wave(x: float) -> float:
    return 0.3 * x * sin(2 * math.pi * x)


def _on_line(text: str, function: Callable[..., float], train: Grid, test: Grid) -> Formula:
    return Formula(text, function, 1, train, test)


def _on_square(text: str, function: Callable[..., float]) -> Formula:
    return Formula(text, function, 2, Uniform(20, ((-3, 3),)), _even((-3, 3, 0.01)))


NGUYEN: Mapping[str, Formula] = {
    "nguyen-1": _nguyen("x³ + x² + x", lambda x: x**3 + x**2 + x),
    "nguyen-2": _nguyen("x⁴ + x³ + x² + x", lambda x: x**4 + x**3 + x**2 + x),
    "nguyen-3": _nguyen("x⁵ + x⁴ + x³ + x² + x", lambda x: x**5 + x**4 + x**3 + x**2 + x),
    "nguyen-4": _nguyen("x⁶ + x⁵ + x⁴ + x³ + x² + x", lambda x: x**6 + x**5 + x**4 + x**3 + x**2 + x),
    "nguyen-5": _nguyen("sin(x²) cos(x) − 1", lambda x: sin(x**2) * cos(x) - 1),
    "nguyen-6": _nguyen("sin(x) + sin(x + x²)", lambda x: sin(x) + sin(x + x**2)),
    "nguyen-7": _nguyen("ln(x + 1) + ln(x² + 1)", lambda x: log(x + 1) + log(x**2 + 1), 0.0, 2.0),
    "nguyen-8": _nguyen("√x", sqrt, 0.0, 4.0),
    "nguyen-9": _nguyen("sin(x) + sin(y²)", lambda x, y: sin(x) + sin(y**2), 0.0, 1.0, 2),
    "nguyen-10": _nguyen("2 sin(x) cos(y)", lambda x, y: 2 * sin(x) * cos(y), 0.0, 1.0, 2),
    "nguyen-11": _nguyen("x^y", lambda x, y: x**y, 0.0, 1.0, 2),
    "nguyen-12": _nguyen("x⁴ − x³ + y²/2 − y", lambda x, y: x**4 - x**3 + y**2 / 2 - y, 0.0, 1.0, 2),
}
"""The formulas of Uy et al. (2011)."""

KEIJZER: Mapping[str, Formula] = {
    **{
        f"keijzer-{end}": _on_line("0.3 x sin(2πx)", _wave, _even((-end, end, 0.1)), _even((-end, end, 0.001)))
        for end in (1, 2, 3)
    },
    "keijzer-4": _on_line(
        "x³ exp(−x) cos(x) sin(x) (sin²(x) cos(x) − 1)", _bell, _even((0, 10, 0.05)), _even((0.05, 10.05, 0.05))
    ),
    "keijzer-5": Formula(
        "30 x z / ((x − 10) y²)",
        lambda x, y, z: 30 * x * z / ((x - 10) * y**2),
        3,
        Uniform(1000, ((-1, 1), (1, 2), (-1, 1))),
        Uniform(10_000, ((-1, 1), (1, 2), (-1, 1))),
    ),
    "keijzer-6": _on_line(
        "1/1 + 1/2 + … + 1/x",
        lambda x: math.fsum(1 / each for each in range(1, int(x) + 1)),
        _even((1, 50, 1)),
        _even((1, 120, 1)),
    ),
    "keijzer-7": _on_line("ln(x)", log, _even((1, 100, 1)), _even((1, 100, 0.1))),
    "keijzer-8": _on_line("√x", sqrt, _even((0, 100, 1)), _even((0, 100, 0.1))),
    "keijzer-9": _on_line("arsinh(x)", math.asinh, _even((0, 100, 1)), _even((0, 100, 0.1))),
    "keijzer-10": Formula("x^y", lambda x, y: x**y, 2, Uniform(100, ((0, 1),)), _even((0, 1, 0.01))),
    "keijzer-11": _on_square("x y + sin((x − 1)(y − 1))", lambda x, y: x * y + sin((x - 1) * (y - 1))),
    "keijzer-12": _on_square("x⁴ − x³ + y²/2 − y", lambda x, y: x**4 - x**3 + y**2 / 2 - y),
    "keijzer-13": _on_square("6 sin(x) cos(y)", lambda x, y: 6 * sin(x) * cos(y)),
    "keijzer-14": _on_square("8 / (2 + x² + y²)", lambda x, y: 8 / (2 + x**2 + y**2)),
    "keijzer-15": _on_square("x³/5 + y³/2 − y − x", lambda x, y: x**3 / 5 + y**3 / 2 - y - x),
}
"""The formulas of Keijzer (2003)."""

_WIDE = (0.05, 6.05)
_WIDER = (-0.25, 6.35)

VLADISLAVLEVA: Mapping[str, Formula] = {
    "vladislavleva-1": Formula(
        "exp(−(x − 1)²) / (1.2 + (y − 2.5)²)",
        lambda x, y: exp(-((x - 1) ** 2)) / (1.2 + (y - 2.5) ** 2),
        2,
        Uniform(100, ((0.3, 4),)),
        _even((-0.2, 4.2, 0.1)),
    ),
    "vladislavleva-2": Formula(
        "x³ exp(−x) cos(x) sin(x) (cos(x) sin²(x) − 1)", _bell, 1, _even((0.05, 10, 0.1)), _even((-0.5, 10.5, 0.05))
    ),
    "vladislavleva-3": Formula(
        "x³ exp(−x) cos(x) sin(x) (cos(x) sin²(x) − 1) (y − 5)",
        lambda x, y: _bell(x) * (y - 5),
        2,
        _even((0.05, 10, 0.1), (0.05, 10.05, 2)),
        _even((-0.5, 10.5, 0.05), (-0.5, 10.5, 0.5)),
    ),
    "vladislavleva-4": Formula(
        "10 / (5 + (x − 3)² + (y − 3)² + (z − 3)² + (u − 3)² + (v − 3)²)",
        lambda *x: 10 / (5 + sum((each - 3) ** 2 for each in x)),
        5,
        Uniform(1024, (_WIDE,)),
        Uniform(5000, (_WIDER,)),
    ),
    "vladislavleva-5": Formula(
        "30 (x − 1)(z − 1) / (y² (x − 10))",
        lambda x, y, z: 30 * (x - 1) * (z - 1) / (y**2 * (x - 10)),
        3,
        Uniform(300, ((0.05, 2), (1, 2), (0.05, 2))),
        _even((-0.05, 2.1, 0.15), (0.95, 2.05, 0.1), (-0.05, 2.1, 0.15)),
    ),
    "vladislavleva-6": Formula(
        "6 sin(x) cos(y)",
        lambda x, y: 6 * sin(x) * cos(y),
        2,
        Uniform(30, ((0.1, 5.9),)),
        _even((-0.05, 6.05, 0.02)),
    ),
    "vladislavleva-7": Formula(
        "(x − 3)(y − 3) + 2 sin((x − 4)(y − 4))",
        lambda x, y: (x - 3) * (y - 3) + 2 * sin((x - 4) * (y - 4)),
        2,
        Uniform(300, (_WIDE,)),
        Uniform(1000, (_WIDER,)),
    ),
    "vladislavleva-8": Formula(
        "((x − 3)⁴ + (y − 3)³ − (y − 3)) / ((y − 2)⁴ + 10)",
        lambda x, y: ((x - 3) ** 4 + (y - 3) ** 3 - (y - 3)) / ((y - 2) ** 4 + 10),
        2,
        Uniform(50, (_WIDE,)),
        _even((*_WIDER, 0.2)),
    ),
}
"""The formulas of Vladislavleva et al. (2009)."""

FORMULAS: Mapping[str, Mapping[str, Formula]] = {"train": NGUYEN, "test": {**KEIJZER, **VLADISLAVLEVA}}
"""The formulas of each split."""

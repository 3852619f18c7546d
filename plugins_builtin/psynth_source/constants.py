"""Steps from one number to another, of many sizes."""

from __future__ import annotations

import math
from random import Random

LARGEST = 10**15
"""The magnitude that no step exceeds: exact also as a float."""
FINEST = 1e-6
"""The least standard deviation of a step, for numbers up to 1 absolute, for greater ones as a share of them."""


def stepped(value: int | float, rng: Random, *, whole: bool) -> int | float:
    """Another number near ``value``, or ``value`` itself where a step leads nowhere.

    ``whole`` keeps an integer an integer. The standard deviation of a Gaussian step is log-uniform, so that steps of
    every size are equally likely; the result is rounded to a thousandth of it.
    """
    kind = rng.choices(("gauss", "scale", "unit", "special"), (6, 2, 2, 1))[0]
    if isinstance(value, int) and (whole or abs(value) > LARGEST or rng.random() < 0.5):
        return _clipped(_integer(value, kind, rng))
    number = float(value)
    if kind == "scale":
        made = number * math.exp(rng.gauss(0, 0.5))
    elif kind == "unit":
        made = number + rng.choice((-1, 1)) * 10 ** -rng.randint(0, 2)
    elif kind == "special":
        made = rng.choice((-number, float(round(number)), 0.0, number / 2, number * 2))
    else:
        made = number
    if kind != "gauss":
        return _clipped(float(f"{made:.12g}")) if math.isfinite(made) else value
    deviation = max(1.0, abs(number)) * 10 ** rng.uniform(math.log10(FINEST), 0)
    made = number + rng.gauss(0, deviation)
    return _clipped(round(made, 3 - math.floor(math.log10(deviation)))) if math.isfinite(made) else value


def _integer(value: int, kind: str, rng: Random) -> int:
    if kind == "scale":
        return rng.choice((value * 2, value // 2, value * 3, value * 10, value // 10))
    if kind == "special":
        return rng.choice((-value, 0, 1, value * value if abs(value) < 1000 else value))
    if kind == "gauss" and abs(value) > 3:
        return value + round(rng.gauss(0, min(abs(value), LARGEST) * 10 ** rng.uniform(-2, 0)))
    step = 1
    while rng.random() < 0.3:
        step += 1
    return value + rng.choice((-step, step))


def _clipped(value: int | float) -> int | float:
    return min(max(value, -LARGEST), LARGEST) if abs(value) > LARGEST else value

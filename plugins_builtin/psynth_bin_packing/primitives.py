"""Arithmetic for priorities as λ-terms: on numbers, and on arrays element by element.

A term is applied to all pairs of a size and a space at once, as two lists of numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from psynth.plugins.python_domain import Primitive


def add(x: Any, y: Any) -> Any:
    """The sum of two numbers."""
    return np.add(x, y)


def sub(x: Any, y: Any) -> Any:
    """The difference of two numbers."""
    return np.subtract(x, y)


def mul(x: Any, y: Any) -> Any:
    """The product of two numbers."""
    return np.multiply(x, y)


def div(x: Any, y: Any) -> Any:
    """The quotient of two numbers; 0 for a divisor of 0."""
    zero = np.equal(y, 0)
    return np.where(zero, 0.0, np.divide(x, np.where(zero, 1.0, y)))


def larger(x: Any, y: Any) -> Any:
    """The larger of two numbers."""
    return np.maximum(x, y)


def smaller(x: Any, y: Any) -> Any:
    """The smaller of two numbers."""
    return np.minimum(x, y)


def less(x: Any, y: Any) -> Any:
    """Whether the first number is less than the second."""
    return np.less(x, y)


def equal(x: Any, y: Any) -> Any:
    """Whether two numbers are equal."""
    return np.equal(x, y)


def choose(condition: Any, yes: Any, no: Any) -> Any:
    """The first number if a condition holds, else the second."""
    return np.where(condition, yes, no)


CONSTANTS = ("0.0", "0.5", "1.0", "2.0", "3.0", "5.0", "10.0", "20.0")
PRIMITIVES = (
    *(Primitive(name, "real", float(name)) for name in CONSTANTS),
    Primitive("add", "real -> real -> real", add),
    Primitive("sub", "real -> real -> real", sub),
    Primitive("mul", "real -> real -> real", mul),
    Primitive("div", "real -> real -> real", div),
    Primitive("max", "real -> real -> real", larger),
    Primitive("min", "real -> real -> real", smaller),
    Primitive("less", "real -> real -> bool", less),
    Primitive("equal", "real -> real -> bool", equal),
    Primitive("if", "bool -> real -> real -> real", choose),
)

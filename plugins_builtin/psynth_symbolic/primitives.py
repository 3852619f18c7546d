"""The operations of formulas as λ-terms over real numbers. None is protected: where there is no result, it fails."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence

from psynth.plugins.python_domain import Primitive


def add(x: float, y: float) -> float:
    """The sum."""
    return _finite(x + y)


def subtract(x: float, y: float) -> float:
    """The difference."""
    return _finite(x - y)


def multiply(x: float, y: float) -> float:
    """The product."""
    return _finite(x * y)


def divide(x: float, y: float) -> float:
    """The quotient; an error for a divisor of 0."""
    return _finite(x / y)


def sine(x: float) -> float:
    """The sine of an angle in radians."""
    return math.sin(x)


def cosine(x: float) -> float:
    """The cosine of an angle in radians."""
    return math.cos(x)


def exponential(x: float) -> float:
    """The exponential function."""
    return math.exp(x)


def logarithm(x: float) -> float:
    """The natural logarithm; an error unless the number is positive."""
    return math.log(x)


def root(x: float) -> float:
    """The square root; an error for a negative number."""
    return math.sqrt(x)


def power(x: float, y: float) -> float:
    """x to the power of y; an error where that is no real number."""
    return math.pow(x, y)


def square(x: float) -> float:
    """The square."""
    return _finite(x * x)


def negate(x: float) -> float:
    """The number with the other sign."""
    return -x


def invert(x: float) -> float:
    """The reciprocal; an error for 0."""
    return _finite(1 / x)


def _finite(x: float) -> float:
    if math.isfinite(x):
        return x
    raise OverflowError("a result is too large")


_BINARY, _UNARY = "real -> real -> real", "real -> real"
ARITHMETIC = (
    Primitive("add", _BINARY, add),
    Primitive("sub", _BINARY, subtract),
    Primitive("mul", _BINARY, multiply),
    Primitive("div", _BINARY, divide),
)
FUNCTIONS = (
    Primitive("sin", _UNARY, sine),
    Primitive("cos", _UNARY, cosine),
    Primitive("exp", _UNARY, exponential),
    Primitive("log", _UNARY, logarithm),
)
FURTHER = (
    Primitive("sqrt", _UNARY, root),
    Primitive("pow", _BINARY, power),
    Primitive("square", _UNARY, square),
    Primitive("neg", _UNARY, negate),
    Primitive("inv", _UNARY, invert),
)


def _constants(*numbers: float) -> tuple[Primitive, ...]:
    return tuple(Primitive(str(number), "real", number) for number in numbers)


SETS: Mapping[str, Sequence[Primitive]] = {
    "base": (*ARITHMETIC, *FUNCTIONS, *_constants(1.0, 2.0)),
    "pure": (*ARITHMETIC, *FUNCTIONS),
    "polynomials": (*ARITHMETIC, *_constants(1.0, 2.0)),
    "rich": (*ARITHMETIC, *FUNCTIONS, *FURTHER, *_constants(0.1, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, round(math.pi, 9))),
}
"""The primitives of each set."""

IN_C: Mapping[Callable[..., float], Callable[..., float]] = {
    add: operator.add,
    subtract: operator.sub,
    multiply: operator.mul,
    divide: operator.truediv,
    sine: math.sin,
    cosine: math.cos,
    exponential: math.exp,
    logarithm: math.log,
    root: math.sqrt,
    power: math.pow,
    negate: operator.neg,
}
"""Functions in C that give the same floats for floats; where the result is too large, some give an infinity instead."""

"""Programs of the domain, put together from parts: each part is a function of the program that goes on after it.

A part is written for any place, so that the turtle that goes on is always ``$0`` in it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias

Part: TypeAlias = Callable[[str], str]
"""A part of a drawing: what goes on after it, to the program of both."""

ON = "$0"
"""What goes on, where a part ends."""


def program(part: Part) -> str:
    """The whole program that draws a part."""
    return f"(lambda {part(ON)})"


def sequence(*parts: Part) -> Part:
    """One part after the other."""

    def all_of(rest: str) -> str:
        for part in reversed(parts):
            rest = part(rest)
        return rest

    return all_of


def length(units: Fraction) -> str:
    """The term of a length in units, a multiple of a twentieth."""
    return _number(units, "L", Fraction(1, 20))


def turn(turns: Fraction) -> str:
    """The term of a turn to the left, or of one to the right that is negative, in full turns."""
    if turns < 0:
        return f"(logo_SUBA logo_ZA {turn(-turns)})"
    return _number(turns, "A", Fraction(1, 40))


def _number(value: Fraction, kind: str, small: Fraction) -> str:
    """A number as simple as it can be: the unit divided and multiplied, or the small unit multiplied."""
    if value == 0:
        return f"logo_Z{kind}"
    numerator, denominator = value.as_integer_ratio()
    unit, parts = f"logo_U{kind}", denominator
    if denominator > 9:
        unit, numerator, parts = f"logo_eps{kind}", int(value / small), 1
    term = unit if parts == 1 else f"(logo_DIV{kind} {unit} {parts})"
    return term if numerator == 1 else f"(logo_MUL{kind} {term} {numerator})"


def move(forward: str, left: str = "logo_ZA") -> Part:
    """Forward, then a turn: both terms."""
    return lambda rest: f"(logo_FWRT {forward} {left} {rest})"


def line(units: Fraction) -> Part:
    """A line, straight on."""
    return move(length(units))


def turned(turns: Fraction) -> Part:
    """A turn at a place."""
    return move("logo_ZL", turn(turns))


def repeated(count: int | str, part: Part) -> Part:
    """A part several times; in it ``$1`` counts them from 0."""
    return lambda rest: f"(logo_forLoop {count} (lambda (lambda {part(ON)})) {rest})"


def gap(units: Fraction) -> Part:
    """Straight on without drawing."""
    return lambda rest: f"(logo_PT (lambda {line(units)(ON)}) {rest})"


def returning(part: Part) -> Part:
    """A part, then back to where it began."""
    return lambda rest: f"(logo_GETSET (lambda {part(ON)}) {rest})"

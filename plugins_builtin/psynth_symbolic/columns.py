"""Fast values of formulas at many points: equal subterms are evaluated once for all points of a task.

The semantics is that of ``psynth.core.calculus.interpreter``. This module is a shortcut for terms that are operations
on variables and constants alone, and gives up on all others: those that bind variables inside, name abstractions, or
are no terms of the type asked for. It does not say how a program fails.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

from psynth.core.calculus.types import arguments_of, parse_type
from psynth.plugins.python_domain import Primitive
from psynth_symbolic.primitives import IN_C

Values: TypeAlias = list[float]
"""The value of a subterm at each point."""
Failing: TypeAlias = Literal["failing"]
"""A subterm that fails at some point. All operations are strict: whatever it is part of fails there, too."""

CELLS_LIMIT: Final = 1_000_000
"""Values kept before all are discarded."""
NODES_LIMIT: Final = 100_000
"""Subterms kept before all are discarded."""
STEPS: Final = 10
"""At least the steps of the interpreter for each token of a term."""
_TOKEN = re.compile(r"[()]|[^\s()]+")
_VARIABLE = re.compile(r"\$(0|[1-9][0-9]{0,3})")


class Points:
    """The points of a task, and the values of subterms there."""

    def __init__(self, inputs: Sequence[Sequence[float]]) -> None:
        self.count = len(inputs)
        self.coordinates: list[Values] = [list(each) for each in zip(*inputs, strict=True)]
        self.values: dict[int, Values | Failing] = {}


class Columns:
    """Evaluates terms of one library; ``literal`` gives the number that a token denotes, None if it is no number."""

    def __init__(
        self, names: Sequence[str], primitives: Sequence[Primitive], literal: Callable[[str], float | None], fuel: int
    ) -> None:
        self._longest = fuel // STEPS
        known = {each.name: each for each in primitives}
        self._functions: Mapping[str, Callable[..., float]] = {
            name: IN_C.get(known[name].function, known[name].function)
            for name in names
            if name in known and callable(known[name].function)
        }
        self._arities = {name: len(arguments_of(parse_type(known[name].type))) for name in self._functions}
        self._constants = {
            name: known[name].function for name in names if name in known and name not in self._functions
        }
        self._literal = literal
        self._points: dict[int, tuple[Any, Points | None]] = {}
        self._cells = 0
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._parts: list[tuple[Any, ...]] = []
        self._roots: dict[tuple[str, int], int | None] = {}

    def points(self, inputs: Sequence[Sequence[Any]]) -> Points | None:
        """The points of inputs, the same object for the same inputs; None unless all are of floats, as many each."""
        known = self._points.get(id(inputs))
        if known is not None and known[0] is inputs:
            return known[1]
        sizes = {len(each) for each in inputs}
        plain = len(sizes) == 1 and all(type(x) is float for each in inputs for x in each)
        points = Points(inputs) if plain else None
        self._points[id(inputs)] = inputs, points
        return points

    def values(self, program: str, points: Points) -> Values | Failing | None:
        """The values of a program at points; None if this shortcut does not apply."""
        if self._cells > CELLS_LIMIT or len(self._parts) > NODES_LIMIT:
            self._forget()
        key = program, len(points.coordinates)
        root = self._roots[key] if key in self._roots else self._roots.setdefault(key, self._read(*key))
        return None if root is None else self._valued(root, points)

    def _forget(self) -> None:
        for _, points in self._points.values():
            if points is not None:
                points.values = {}
        self._cells = 0
        self._numbers, self._parts, self._roots = {}, [], {}

    # --- reading ------------------------------------------------------------------------------------------------------

    def _read(self, program: str, variables: int) -> int | None:
        """The number of a program's body; None if it has another form."""
        tokens = _TOKEN.findall(program) if len(program) < 2 * self._longest else []
        head = ["(", "lambda"] * variables
        if (
            not variables
            or not program.isascii()
            or tokens[: len(head)] != head
            or tokens[-variables:] != [")"] * variables
        ):
            return None
        body = tokens[len(head) : -variables]
        open_terms: list[list[Any]] = [[]]
        for token in body:
            if token == "(":
                open_terms.append([])
            elif token == ")":
                if len(open_terms) < 2:
                    return None
                number = self._application(open_terms.pop())
                if number is None:
                    return None
                open_terms[-1].append(number)
            else:
                part = self._atom(token, variables, is_head=len(open_terms) > 1 and not open_terms[-1])
                if part is None:
                    return None
                open_terms[-1].append(part)
        [found, *others] = open_terms
        return found[0] if not others and len(found) == 1 else None

    def _atom(self, token: str, variables: int, *, is_head: bool) -> int | str | None:
        if is_head:
            return token if token in self._functions else None
        variable = _VARIABLE.fullmatch(token)
        if variable is not None:
            index = variables - 1 - int(variable[1])
            return None if index < 0 else self._number(("variable", index))
        value = self._constants.get(token)
        if value is None:
            value = self._literal(token)
        return None if value is None else self._number(("constant", value))

    def _application(self, parts: list[Any]) -> int | None:
        if len(parts) < 2 or self._arities[parts[0]] != len(parts) - 1:
            return None
        return self._number(tuple(parts))

    def _number(self, parts: tuple[Any, ...]) -> int:
        known = self._numbers.get(parts)
        if known is None:
            known = self._numbers[parts] = len(self._parts)
            self._parts.append(parts)
        return known

    # --- evaluation ---------------------------------------------------------------------------------------------------

    def _valued(self, root: int, points: Points) -> Values | Failing:
        values, pending = points.values, [root]
        while pending:
            number = pending[-1]
            if number in values:
                pending.pop()
                continue
            head, *arguments = self._parts[number]
            if head == "variable":
                values[number] = points.coordinates[arguments[0]]
            elif head == "constant":
                values[number] = [arguments[0]] * points.count
            elif missing := [each for each in arguments if each not in values]:
                pending += missing
            else:
                values[number] = _applied(self._functions[head], [values[each] for each in arguments])
                self._cells += points.count
        return values[root]


def _applied(function: Callable[..., float], arguments: list[Values | Failing]) -> Values | Failing:
    if "failing" in arguments:
        return "failing"
    try:
        values = list(map(function, *arguments))
    except (ArithmeticError, ValueError):
        return "failing"
    # A finite sum has finite terms, which is seldom all there is to check.
    return values if math.isfinite(sum(values)) or all(map(math.isfinite, values)) else "failing"

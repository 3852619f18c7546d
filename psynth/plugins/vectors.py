"""Programs that are vectors: lists of numbers as JSON, and Python functions that return a constant list."""

from __future__ import annotations

import ast
import json
import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from psynth.core.python_source import is_number, number_node, number_of, parse
from psynth.plugins.source_domain import PYTHON

JSON = "json"


class NoVector(ValueError):
    """A program has no numbers to vary; the message says why."""


class Vector(ABC):
    """The numbers of a program, in the order of its text, and the program with others instead."""

    numbers: list[float]

    @abstractmethod
    def with_numbers(self, numbers: Sequence[float]) -> str:
        """The text of the program with other numbers, as many."""

    @staticmethod
    def of(program: str, language: str) -> Vector:
        """The vector of a program; NoVector if there is none, NotPython for a text that is no Python."""
        return PythonVector(program) if language == PYTHON else JsonVector(program)


class JsonVector(Vector):
    """A JSON list of numbers, or of such lists."""

    def __init__(self, program: str) -> None:
        try:
            self._value = json.loads(program, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise NoVector(f"a program is not JSON: {error}") from None
        self.numbers = []
        if not isinstance(self._value, list) or not self._collect(self._value) or not self.numbers:
            raise NoVector("a program is no list of numbers")

    def _collect(self, items: list[Any]) -> bool:
        for each in items:
            if isinstance(each, list):
                if not self._collect(each):
                    return False
            elif type(each) in (int, float) and abs(each) <= 1e300:
                self.numbers.append(float(each))
            else:
                return False
        return True

    def with_numbers(self, numbers: Sequence[float]) -> str:
        """The list with other numbers."""
        remaining = iter(numbers)

        def replaced(items: list[Any]) -> list[Any]:
            return [replaced(each) if isinstance(each, list) else next(remaining) for each in items]

        return json.dumps(replaced(self._value))


class PythonVector(Vector):
    """The one list or tuple of numbers, or of such lists, that a function of a Python program returns."""

    def __init__(self, program: str) -> None:
        self._program = program
        try:
            self.numbers = [float(number_of(each)) for each in _elements(parse(program))]
        except (RecursionError, OverflowError):
            raise NoVector("a program has numbers that are too large, or is nested too deeply") from None

    def with_numbers(self, numbers: Sequence[float]) -> str:
        """The program with other numbers, without its comments."""
        tree = parse(self._program)
        remaining = iter(numbers)
        _replace(_returned(tree), remaining)
        return ast.unparse(ast.fix_missing_locations(tree))


def _returned(tree: ast.Module) -> ast.List | ast.Tuple:
    """The constant list that functions of a module return; NoVector unless there is exactly one."""
    found = [
        node.value
        for function in tree.body
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Return) and isinstance(node.value, ast.List | ast.Tuple) and _is_constant(node.value)
    ]
    if len(found) != 1:
        raise NoVector(f"a program has {len(found) or 'no'} functions that return a constant list of numbers")
    return found[0]


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.List | ast.Tuple):
        return bool(node.elts) and all(map(_is_constant, node.elts))
    return is_number(node) and math.isfinite(number_of(node))


def _elements(tree: ast.Module) -> list[ast.expr]:
    def flat(node: ast.expr) -> list[ast.expr]:
        return (
            [each for inner in node.elts for each in flat(inner)] if isinstance(node, ast.List | ast.Tuple) else [node]
        )

    return flat(_returned(tree))


def _replace(node: ast.List | ast.Tuple, numbers: Any) -> None:
    for place, each in enumerate(node.elts):
        if isinstance(each, ast.List | ast.Tuple):
            _replace(each, numbers)
        else:
            node.elts[place] = number_node(next(numbers))


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no number")

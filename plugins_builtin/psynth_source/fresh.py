"""Small new expressions of a kind, made of constants and of variables that a function has."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from psynth.core.python_source import number_node
from psynth_source.kinds import Kind, Kinds, element_of, fits, list_of

DEPTH = 2
"""Levels of operators, at most."""
COMPARISONS: Sequence[type[ast.cmpop]] = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
ARITHMETIC: dict[str, tuple[type[ast.operator], ...]] = {
    "int": (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod),
    "float": (ast.Add, ast.Sub, ast.Mult, ast.Div),
}
"""Operators whose result is of the kind of their operands."""
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789 "


@dataclass(frozen=True)
class Fresh:
    """A maker of expressions for one function of a program."""

    kinds: Kinds
    function: str
    rng: Random

    def expression(self, kind: Kind, depth: int = DEPTH) -> ast.expr | None:
        """An expression of a kind; None if there is none, as for an unknown kind without variables."""
        ways: list[Callable[[int], ast.expr | None]] = [lambda depth: self.variable(kind)]
        if kind in ("int", "float", "bool", "str"):
            ways.append(lambda depth: self._constant(str(kind)))
        if kind in ARITHMETIC and depth > 0:
            ways.append(lambda depth: self._arithmetic(str(kind), depth))
            ways.append(lambda depth: self._length() if kind == "int" else None)
        if kind == "bool" and depth > 0:
            ways.append(self._comparison)
        if kind == "str" and depth > 0:
            ways.append(self._text)
        if kind is not None and kind.startswith("list") and depth > 0:
            ways.append(lambda depth: self._list(kind, depth))
        self.rng.shuffle(ways)
        return next((made for way in ways if (made := way(depth)) is not None), None)

    def variable(self, kind: Kind) -> ast.expr | None:
        """A variable of a kind, if there is one."""
        names = [name for name in self.kinds.visible(self.function) if fits(self._kind(name), kind)]
        return ast.Name(self.rng.choice(names), ast.Load()) if names else None

    def _kind(self, name: str) -> Kind:
        return self.kinds.of_name(name, self.function)

    def _constant(self, kind: str) -> ast.expr:
        if kind == "int":
            return number_node(self.rng.choice((0, 1, 2, 3, self.rng.randint(-10, 10), self.rng.randint(0, 100))))
        if kind == "float":
            return number_node(round(self.rng.gauss(0, 10 ** self.rng.uniform(-1, 1)), 4))
        if kind == "bool":
            return ast.Constant(self.rng.random() < 0.5)
        return ast.Constant("".join(self.rng.choices(LETTERS, k=self.rng.randint(0, 3))))

    def _arithmetic(self, kind: str, depth: int) -> ast.expr | None:
        left, right = self.expression(kind, depth - 1), self.expression(kind, depth - 1)
        if left is None or right is None:
            return None
        return ast.BinOp(left, self.rng.choice(ARITHMETIC[kind])(), right)

    def _length(self) -> ast.expr | None:
        sized = self.variable("str") or self.variable("list")
        return None if sized is None else ast.Call(ast.Name("len", ast.Load()), [sized], [])

    def _comparison(self, depth: int) -> ast.expr | None:
        kind = self.rng.choice(("int", "float"))
        left, right = self.variable(kind) or self._length(), self.expression(kind, depth - 1)
        return None if left is None or right is None else ast.Compare(left, [self.rng.choice(COMPARISONS)()], [right])

    def _text(self, depth: int) -> ast.expr | None:
        left, right = self.variable("str"), self.expression("str", depth - 1)
        if left is None or right is None:
            return None
        first, second = self.rng.sample([left, right], 2)
        return ast.BinOp(first, ast.Add(), second)

    def _list(self, kind: str, depth: int) -> ast.expr | None:
        element = element_of(kind) or self.rng.choice(("int", "float", "str"))
        whole = self.variable(list_of(element))
        if whole is not None and self.rng.random() < 0.3:
            return ast.Call(ast.Name("sorted", ast.Load()), [whole], [])
        item = self.expression(element, depth - 1)
        if item is None:
            return ast.List([], ast.Load())
        one = ast.List([item], ast.Load())
        return one if whole is None else ast.BinOp(whole, ast.Add(), one)

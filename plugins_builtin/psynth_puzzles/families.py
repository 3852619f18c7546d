"""The families of generated puzzles: what each asks for, its checker, and how its inputs are drawn."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psynth_puzzles.puzzle import CHECKER, PROGRAM, Puzzle, with_typing

LETTERS = "abcdefghijklmnopqrstuvwxyz"

Draw = Callable[[random.Random, int], Mapping[str, Any]]
"""Draws the inputs of a puzzle that has an answer; the rank, from 0, is how hard the puzzle should be."""


@dataclass(frozen=True, slots=True)
class Family:
    """Puzzles of one kind. ``body`` is that of the checker, whose arguments are the answer ``x`` and the inputs."""

    name: str
    description: str
    answer: str
    body: str
    draw: Draw

    def puzzle(self, rng: random.Random, rank: int) -> Puzzle:
        """A random puzzle of the family."""
        inputs = self.draw(rng, rank)
        defaults = ", ".join(f"{name}={value!r}" for name, value in inputs.items())
        lines = "".join(f"    {line}\n" for line in self.body.strip().splitlines())
        checker = with_typing(f"def {CHECKER}(x: {self.answer}, {defaults}):\n{lines}")
        return Puzzle(checker, self.answer, f"def {PROGRAM}({defaults}):", list(inputs.values()))


def _digits(rng: random.Random, rank: int) -> Mapping[str, Any]:
    digits = rank + 2
    return {"digits": digits, "total": rng.randint(1, 9 * digits)}


def _subset(rng: random.Random, rank: int) -> Mapping[str, Any]:
    numbers = [rng.randint(1, 99) for _ in range(rank + 5)]
    return {"numbers": numbers, "total": sum(rng.sample(numbers, rng.randint(2, len(numbers) - 2)))}


def _rotation(rng: random.Random, rank: int) -> Mapping[str, Any]:
    wanted = "".join(rng.choices(LETTERS, k=rank + 4))
    return {"wanted": wanted, "shift": rng.randint(1, len(wanted) - 1)}


def _derangement(rng: random.Random, rank: int) -> Mapping[str, Any]:
    letters = rng.sample(LETTERS, rank // 2 + 2) * 2
    rng.shuffle(letters)
    return {"text": "".join(letters)}


def _combination(rng: random.Random, rank: int) -> Mapping[str, Any]:
    most = 10 * (rank + 1)
    a, b, first, second = (rng.randint(1, most) for _ in range(4))
    return {"a": a, "b": b, "total": a * first + b * second, "most": most}


def _walk(rng: random.Random, rank: int) -> Mapping[str, Any]:
    nodes = list(range(rank + 4))
    path = rng.sample(nodes, len(nodes) - 1)
    edges = {*itertools.pairwise(path)}
    edges |= {(rng.choice(nodes), rng.choice(nodes)) for _ in nodes}
    return {"edges": [list(edge) for edge in sorted(edges)], "start": path[0], "end": path[-1]}


def _brackets(rng: random.Random, rank: int) -> Mapping[str, Any]:
    pairs = rank + 2
    return {"length": 2 * pairs, "deepest": rng.randint(1, pairs)}


def _change(rng: random.Random, rank: int) -> Mapping[str, Any]:
    coins = sorted(rng.sample(range(2, 40), 4))
    paid = rng.choices(coins, k=rank + 2)
    return {"coins": coins, "amount": sum(paid), "most": len(paid)}


def _table(rng: random.Random, rank: int) -> Mapping[str, Any]:
    height, width = rank // 2 + 2, (rank + 1) // 2 + 2
    table = [[rng.randint(0, 9) for _ in range(width)] for _ in range(height)]
    table[0][0] = rng.randint(1, 9)
    columns = [sum(column) for column in zip(*table, strict=True)]
    return {"rows": [sum(row) for row in table], "columns": columns}


def _root(rng: random.Random, rank: int) -> Mapping[str, Any]:
    return {"a": rng.randint(1, 5 * (rank + 1)), "b": rng.choice((-1, 1)) * rng.randint(1, 10 * (rank + 1))}


FAMILIES: Mapping[str, Sequence[Family]] = {
    "train": (
        Family(
            "digits",
            "Find a positive integer with so many digits and this sum of digits.",
            "int",
            "return x > 0 and len(str(x)) == digits and sum(map(int, str(x))) == total",
            _digits,
        ),
        Family(
            "subset",
            "Find distinct positions in a list at which the numbers add up to the total.",
            "List[int]",
            "return len(set(x)) == len(x) and min(x) >= 0 and sum(numbers[place] for place in x) == total",
            _subset,
        ),
        Family(
            "rotation",
            "Find the text that becomes the wanted one when so many of its first letters move to its end.",
            "str",
            "return x[shift:] + x[:shift] == wanted",
            _rotation,
        ),
        Family(
            "derangement",
            "Rearrange the letters of a text so that each place has another letter than before.",
            "str",
            "return sorted(x) == sorted(text) and all(new != old for new, old in zip(x, text))",
            _derangement,
        ),
        Family(
            "combination",
            "Find integers p and q from 1 to the greatest allowed with a*p + b*q equal to the total.",
            "List[int]",
            "p, q = x\nreturn 1 <= p <= most and 1 <= q <= most and a * p + b * q == total",
            _combination,
        ),
        Family(
            "walk",
            "Find the nodes of a walk along directed edges from the start to the end.",
            "List[int]",
            "return x[0] == start and x[-1] == end and all([one, two] in edges for one, two in zip(x, x[1:]))",
            _walk,
        ),
        Family(
            "brackets",
            "Find a balanced text of round brackets of this length that are nested exactly so deep.",
            "str",
            """
depths = [0]
for bracket in x:
    depths.append(depths[-1] + {"(": 1, ")": -1}[bracket])
return len(x) == length and max(depths) == deepest and min(depths) == depths[-1] == 0
""",
            _brackets,
        ),
    ),
    "test": (
        Family(
            "change",
            "Pay the amount with at most so many coins, each of which may be used several times.",
            "List[int]",
            "return len(x) <= most and all(coin in coins for coin in x) and sum(x) == amount",
            _change,
        ),
        Family(
            "table",
            "Find a table of integers, none of them negative, with these sums of rows and of columns.",
            "List[List[int]]",
            """
assert all(len(row) == len(columns) and min(row) >= 0 for row in x)
return [sum(row) for row in x] == rows and [sum(column) for column in zip(*x)] == columns
""",
            _table,
        ),
        Family(
            "root",
            "Find a number where the polynomial x**3 + a*x + b is nearly 0.",
            "float",
            "return abs(x**3 + a * x + b) < 1e-6",
            _root,
        ),
    ),
}
"""The families of each split; no family is in both."""
EACH = 10
"""Number of puzzles of a family: 70 for training and 30 for testing."""

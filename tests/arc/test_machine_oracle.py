"""Primitives of ARC on grids at random, against a plain Python that was written from their description."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from psynth.core.engines.lambda_machine import LambdaMachine

pytestmark = pytest.mark.usefixtures("machine")

Grid = list[list[int]]
Position = tuple[int, int]


def rot90(grid: Grid) -> Grid:
    return [[row[column] for row in reversed(grid)] for column in range(len(grid[0]))]


def cmirror(grid: Grid) -> Grid:
    height, width = len(grid), len(grid[0])
    return [[grid[height - 1 - j][width - 1 - i] for j in range(height)] for i in range(width)]


def crop(grid: Grid, start: Position, size: Position) -> Grid:
    (row, column), (height, width) = start, size
    return [line[column : column + width] for line in grid[row : row + height]]


def hsplit(grid: Grid, parts: int) -> list[Grid]:
    width, rest = divmod(len(grid[0]), parts)
    step = width + bool(rest)
    return [crop(grid, (0, step * part), (len(grid), width)) for part in range(parts)]


def compress(grid: Grid) -> Grid:
    columns = [j for j in range(len(grid[0])) if len({row[j] for row in grid}) > 1]
    rows = [row for row in grid if len(set(row)) > 1]
    return [[row[j] for j in columns] for row in rows]


def upscale(grid: Grid, factor: int) -> Grid:
    wide = [[color for color in row for _ in range(factor)] for row in grid]
    return [list(row) for row in wide for _ in range(factor)]


def mostcolor(grid: Grid) -> int:
    counts = Counter(color for row in grid for color in row)
    return min(counts, key=lambda color: (-counts[color], color))


def fill(grid: Grid, color: int, positions: list[Position]) -> Grid:
    chosen = set(positions)
    return [[color if (i, j) in chosen else old for j, old in enumerate(row)] for i, row in enumerate(grid)]


def around(cell: Position, diagonal: bool) -> Iterator[Position]:
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            if (down, right) != (0, 0) and (diagonal or 0 in (down, right)):
                yield cell[0] + down, cell[1] + right


def objects(grid: Grid, univalued: bool, diagonal: bool, without_background: bool) -> set[frozenset[Position]]:
    background = mostcolor(grid) if without_background else None
    left = {(i, j): color for i, row in enumerate(grid) for j, color in enumerate(row) if color != background}
    found = set()
    while left:
        start = min(left)
        color = left.pop(start)
        piece, edge = {start}, [start]
        while edge:
            for cell in around(edge.pop(), diagonal):
                if cell in left and (not univalued or left[cell] == color):
                    del left[cell]
                    piece.add(cell)
                    edge.append(cell)
        found.add(frozenset(piece))
    return found


def outbox(positions: list[Position]) -> set[Position]:
    rows, columns = [i for i, _ in positions], [j for _, j in positions]
    top, bottom, left, right = min(rows) - 1, max(rows) + 1, min(columns) - 1, max(columns) + 1
    box = {(i, j) for i in range(top, bottom + 1) for j in range(left, right + 1)}
    return {(i, j) for i, j in box if i in (top, bottom) or j in (left, right)}


def manhattan(first: list[Position], second: list[Position]) -> int:
    return min(abs(i - k) + abs(j - m) for i, j in first for k, m in second)


def listed(positions: Any) -> list[list[int]]:
    return sorted(map(list, positions))


Case = tuple[str, list[Any], Any]


def cases(rng: random.Random) -> Iterator[Case]:
    """Calls on one grid at random: a program of the grid, further inputs, and what it should give."""
    height, width, colors = rng.randint(1, 12), rng.randint(1, 12), rng.randint(1, 6)
    grid = [[rng.randrange(colors) for _ in range(width)] for _ in range(height)]
    cells = [(i, j) for i in range(height) for j in range(width)]
    some = rng.sample(cells, rng.randint(1, len(cells)))
    others = [(i + rng.randint(-20, 20), j) for i, j in rng.sample(cells, rng.randint(1, len(cells)))]
    start, size = (rng.randint(-4, 14), rng.randint(-4, 14)), (rng.randint(0, 9), rng.randint(0, 9))
    parts = rng.randint(1, 4)
    yield "(lambda (rot90 $0))", [grid], rot90(grid)
    yield "(lambda (cmirror.grid $0))", [grid], cmirror(grid)
    yield "(lambda (lambda (lambda (crop $2 $1 $0))))", [grid, start, size], crop(grid, start, size)
    yield "(lambda (lambda (hsplit $1 $0)))", [grid, parts], hsplit(grid, parts)
    yield "(lambda (compress $0))", [grid], compress(grid)
    yield "(lambda (lambda (upscale.grid $1 $0)))", [grid, parts], upscale(grid, parts)
    yield "(lambda (mostcolor.grid $0))", [grid], mostcolor(grid)
    yield "(lambda (lambda (fill.indices $1 NINE $0)))", [grid, [*some, *others]], fill(grid, 9, [*some, *others])
    yield "(lambda (outbox.indices $0))", [some], listed(outbox(some))
    yield "(lambda (lambda (manhattan.indices_indices $1 $0)))", [some, others], manhattan(some, others)
    univalued, diagonal, without_background = (rng.random() < 0.5 for _ in range(3))
    program = "(lambda (lambda (lambda (lambda (apply.set toindices.object (objects $3 $2 $1 $0))))))"
    pieces = objects(grid, univalued, diagonal, without_background)
    yield program, [grid, univalued, diagonal, without_background], sorted(map(listed, pieces))


@pytest.fixture(scope="module")
def evaluate() -> Iterator[Callable[[list[Case]], list[Any]]]:
    with LambdaMachine() as machine:
        productions = [{"name": name, "type": ty, "log_weight": 0.0} for name, ty in machine.primitives().items()]
        library = {"productions": productions, "log_variable": 0.0}

        def run(calls: list[Case]) -> list[Any]:
            jobs = [{"program": program, "inputs": [inputs]} for program, inputs, _ in calls]
            return [outcome for [outcome] in machine.evaluate(library, jobs)]

        yield run


def test_primitives_do_what_a_plain_python_does(evaluate: Callable[[list[Case]], list[Any]]) -> None:
    rng = random.Random(2026)
    calls = [case for _ in range(150) for case in cases(rng)]
    for (program, inputs, wanted), outcome in zip(calls, evaluate(calls), strict=True):
        value = outcome.get("value")
        if "objects" in program:
            value = sorted(map(sorted, value))
        assert (program, inputs, value) == (program, inputs, wanted)


def test_misuse_is_an_error_of_the_program(evaluate: Callable[[list[Case]], list[Any]]) -> None:
    grid = [[0, 1], [1, 0]]
    misuse: list[Case] = [
        ("(lambda (hsplit $0 ZERO))", [grid], "division by zero"),
        ("(lambda (vconcat $0 (hconcat $0 $0)))", [grid], "grids of different widths on top of each other are no grid"),
        (
            "(lambda (fill.indices $0 (multiply.int TEN (multiply.int TEN TEN)) (ofcolor $0 ONE)))",
            [grid],
            "no color of a grid",
        ),
        ("(lambda (subgrid.indices (ofcolor $0 TWO) $0))", [grid], "an empty set is around nothing"),
        ("(lambda (uppermost.indices (ofcolor $0 TWO)))", [grid], "an empty set has no place"),
        ("(lambda (power rot90 ZERO $0))", [grid], "a function applied less than once"),
        ("(divide.int ONE ZERO)", [], "division by zero"),
        ("(interval ONE TWO ZERO)", [], "an interval of step zero"),
        ("(lambda (extract.set (palette.grid $0) (lambda F)))", [grid], "none is like that"),
        ("(lambda (multiply.int $0 $0))", [1 << 40], "an integer beyond 63 bits"),
    ]
    for (program, _, why), outcome in zip(misuse, evaluate(misuse), strict=True):
        assert (program, outcome["status"], outcome.get("message")) == (program, "error", why)


@pytest.mark.parametrize(
    "program",
    [
        "(lambda (upscale.grid $0 (multiply.int (multiply.int TEN TEN) (multiply.int TEN TEN))))",
        "(canvas ONE (multiply.pair_int UNITY (multiply.int (multiply.int TEN TEN) (multiply.int TEN TEN))))",
        "(repeat.list ONE (power (multiply.int TEN) TEN ONE))",
        "(lambda (power (lambda (hconcat $0 $0)) (multiply.int TEN TEN) $0))",
        "(lambda (power rot90 (power (multiply.int TEN) TEN ONE) $0))",
        "(connect ORIGIN (multiply.pair_int RIGHT (power (multiply.int TEN) SIX ONE)))",
    ],
)
def test_nothing_takes_more_than_its_limits(evaluate: Callable[[list[Case]], list[Any]], program: str) -> None:
    inputs = [[[0, 1], [1, 0]]] if program.startswith("(lambda") else []
    [outcome] = evaluate([(program, inputs, None)])
    assert outcome["status"] in ("memory", "fuel")

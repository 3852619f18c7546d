"""The primitives: plain Python functions on tiles, each with its type.

A tile is a list of rows of equal length, ``#`` for black and ``.`` for white, so that it is a JSON value as it stands.
An argument of function type arrives as a Python function; one whose place is in ``lazy`` arrives as a function without
arguments that computes it. An exception makes the program's outcome an error, and nothing worse.
"""

from collections.abc import Callable

from psynth.plugins import Primitive

Tile = list[str]

# psynth bounds the steps of a program and the length of the lists and strings that primitives return, but it does not
# look into them: a primitive that could build something huge says so itself.
LARGEST = 4096


def beside(left: Tile, right: Tile) -> Tile:
    """Put two tiles of one height side by side."""
    if len(left) != len(right):
        raise ValueError("beside: the tiles differ in height")
    return _bounded([a + b for a, b in zip(left, right, strict=True)])


def above(upper: Tile, lower: Tile) -> Tile:
    """Put two tiles of one width on top of each other."""
    if len(upper[0]) != len(lower[0]):
        raise ValueError("above: the tiles differ in width")
    return _bounded(upper + lower)


def flip(tile: Tile) -> Tile:
    """Mirror a tile: left becomes right."""
    return [row[::-1] for row in tile]


def turn(tile: Tile) -> Tile:
    """Turn a tile clockwise by a quarter."""
    return ["".join(column) for column in zip(*reversed(tile), strict=True)]


def invert(tile: Tile) -> Tile:
    """Exchange black and white."""
    return [row.translate(str.maketrans("#.", ".#")) for row in tile]


def again(times: int, change: Callable[[Tile], Tile], tile: Tile) -> Tile:
    """Apply a function to a tile several times."""
    for _ in range(times):
        tile = change(tile)
    return tile


def if_square(tile: Tile, then: Callable[[], Tile], otherwise: Callable[[], Tile]) -> Tile:
    """Compute one of two tiles: the first if the tile is as high as it is wide."""
    return then() if len(tile) == len(tile[0]) else otherwise()


def _bounded(tile: Tile) -> Tile:
    if len(tile) * len(tile[0]) > LARGEST:
        raise MemoryError(f"a tile of more than {LARGEST} cells")
    return tile


PRIMITIVES = [
    Primitive("beside", "tile -> tile -> tile", beside),
    Primitive("above", "tile -> tile -> tile", above),
    Primitive("flip", "tile -> tile", flip),
    Primitive("turn", "tile -> tile", turn),
    Primitive("invert", "tile -> tile", invert),
    Primitive("again", "int -> (tile -> tile) -> tile -> tile", again),
    Primitive("if-square", "tile -> tile -> tile -> tile", if_square, lazy=(1, 2)),
    Primitive("2", "int", 2),
    Primitive("3", "int", 3),
]

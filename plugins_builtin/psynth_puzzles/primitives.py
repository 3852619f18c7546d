"""The operations of answers as λ-terms: whole numbers, truth values, texts and lists.

Each refuses to build a value of more than ``LARGEST`` cells or characters, or an integer of more than 62 bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from psynth.core.calculus.interpreter import LARGEST_INT, SMALLEST_INT
from psynth.plugins.python_domain import Primitive

LARGEST = 100_000
"""Cells or characters of a value."""


def _bounded(x: int) -> int:
    if SMALLEST_INT <= x <= LARGEST_INT:
        return x
    raise OverflowError("an integer of more than 62 bits")


def _room(cells: int) -> None:
    if cells > LARGEST:
        raise MemoryError(f"a value of more than {LARGEST} cells")


def add(x: int, y: int) -> int:
    """The sum."""
    return _bounded(x + y)


def subtract(x: int, y: int) -> int:
    """The difference."""
    return _bounded(x - y)


def multiply(x: int, y: int) -> int:
    """The product."""
    return _bounded(x * y)


def divide(x: int, y: int) -> int:
    """The quotient, rounded down; an error for a divisor of 0."""
    return x // y


def modulo(x: int, y: int) -> int:
    """The remainder, of the sign of the divisor; an error for a divisor of 0."""
    return x % y


def power(x: int, y: int) -> int:
    """x to the power of y, which is at least 0."""
    if y < 0:
        raise ValueError("a negative exponent")
    if abs(x) > 1 and y > 62:
        raise OverflowError("an integer of more than 62 bits")
    return _bounded(int(x**y))


def less(x: int, y: int) -> bool:
    """Whether x is less than y."""
    return x < y


def equal(x: int, y: int) -> bool:
    """Whether two integers are equal."""
    return x == y


def negation(x: bool) -> bool:
    """The other truth value."""
    return not x


def choose(condition: bool, then: Callable[[], Any], otherwise: Callable[[], Any]) -> Any:
    """The second argument if the first is true, else the third; only that one is evaluated."""
    return then() if condition else otherwise()


def concat(x: str, y: str) -> str:
    """Two texts, one after the other."""
    _room(len(x) + len(y))
    return x + y


def repeat(count: int, x: str) -> str:
    """A text several times."""
    _room(count * len(x))
    return x * count


def text(x: int) -> str:
    """An integer in decimal."""
    return str(x)


def number(x: str) -> int:
    """The integer that a text denotes; an error if it denotes none."""
    if len(x) > 20:
        raise OverflowError("an integer of more than 62 bits")
    return _bounded(int(x))


def letters(x: str) -> list[str]:
    """The characters of a text."""
    return list(x)


def words(x: str) -> list[str]:
    """The words of a text."""
    return x.split()


def join(x: list[str]) -> str:
    """All texts of a list, one after the other."""
    _room(sum(map(len, x)))
    return "".join(x)


def lines(separator: str, x: list[str]) -> str:
    """The texts of a list with a text between any two."""
    _room(sum(map(len, x)) + len(separator) * len(x))
    return separator.join(x)


def size(x: str) -> int:
    """The number of characters of a text."""
    return len(x)


def part(first: int, last: int, x: str) -> str:
    """The characters of a text from one position up to but without another, as in Python."""
    return x[first:last]


def backwards(x: str) -> str:
    """A text from its end to its start."""
    return x[::-1]


def singleton(x: Any) -> list[Any]:
    """The list of one element."""
    return [x]


def cons(x: Any, rest: list[Any]) -> list[Any]:
    """A list with an element in front."""
    _room(len(rest) + 1)
    return [x, *rest]


def append(x: list[Any], y: list[Any]) -> list[Any]:
    """Two lists, one after the other."""
    _room(len(x) + len(y))
    return [*x, *y]


def span(count: int) -> list[int]:
    """The integers from 0 up to but without a count."""
    _room(count)
    return list(range(count))


def copies(count: int, x: Any) -> list[Any]:
    """A list of an element several times."""
    _room(count)
    return [x] * count


def mapped(function: Callable[[Any], Any], x: list[Any]) -> list[Any]:
    """A function applied to each element."""
    return [function(each) for each in x]


def filtered(condition: Callable[[Any], bool], x: list[Any]) -> list[Any]:
    """The elements for which a condition holds."""
    return [each for each in x if condition(each)]


def length(x: list[Any]) -> int:
    """The number of elements."""
    return len(x)


def element(position: int, x: list[Any]) -> Any:
    """The element at a position, as in Python: from 0, or negative from the end."""
    return x[position]


def take(count: int, x: list[Any]) -> list[Any]:
    """The first elements of a list, as many as a count."""
    return x[: max(0, count)]


def drop(count: int, x: list[Any]) -> list[Any]:
    """A list without its first elements, as many as a count."""
    return x[max(0, count) :]


def reverse(x: list[Any]) -> list[Any]:
    """A list from its end to its start."""
    return x[::-1]


def ascending(x: list[int]) -> list[int]:
    """A list of integers in order."""
    return sorted(x)


def alphabetical(x: list[str]) -> list[str]:
    """A list of texts in order."""
    return sorted(x)


def total(x: list[int]) -> int:
    """The sum of a list."""
    return _bounded(sum(x))


def place(value: int, x: list[int]) -> int:
    """The first position of an integer in a list; an error if it is not there."""
    return x.index(value)


def place_in(value: str, x: str) -> int:
    """The first position of a text in another; an error if it is not there."""
    return x.index(value)


_INT, _PAIR = "int -> int -> int", "int -> int -> bool"
PRIMITIVES: Sequence[Primitive] = (
    *(Primitive(str(each), "int", each) for each in (0, 1, 2, 10)),
    Primitive("add", _INT, add),
    Primitive("sub", _INT, subtract),
    Primitive("mul", _INT, multiply),
    Primitive("div", _INT, divide),
    Primitive("mod", _INT, modulo),
    Primitive("pow", _INT, power),
    Primitive("true", "bool", True),
    Primitive("less", _PAIR, less),
    Primitive("equal", _PAIR, equal),
    Primitive("not", "bool -> bool", negation),
    Primitive("if", "bool -> t0 -> t0 -> t0", choose, lazy=(1, 2)),
    Primitive('""', "str", ""),
    Primitive("concat", "str -> str -> str", concat),
    Primitive("repeat", "int -> str -> str", repeat),
    Primitive("text", "int -> str", text),
    Primitive("number", "str -> int", number),
    Primitive("letters", "str -> list(str)", letters),
    Primitive("words", "str -> list(str)", words),
    Primitive("join", "list(str) -> str", join),
    Primitive("lines", "str -> list(str) -> str", lines),
    Primitive("size", "str -> int", size),
    Primitive("part", "int -> int -> str -> str", part),
    Primitive("backwards", "str -> str", backwards),
    Primitive("place-in", "str -> str -> int", place_in),
    Primitive("empty", "list(t0)", []),
    Primitive("singleton", "t0 -> list(t0)", singleton),
    Primitive("cons", "t0 -> list(t0) -> list(t0)", cons),
    Primitive("append", "list(t0) -> list(t0) -> list(t0)", append),
    Primitive("range", "int -> list(int)", span),
    Primitive("copies", "int -> t0 -> list(t0)", copies),
    Primitive("map", "(t0 -> t1) -> list(t0) -> list(t1)", mapped),
    Primitive("filter", "(t0 -> bool) -> list(t0) -> list(t0)", filtered),
    Primitive("length", "list(t0) -> int", length),
    Primitive("element", "int -> list(t0) -> t0", element),
    Primitive("take", "int -> list(t0) -> list(t0)", take),
    Primitive("drop", "int -> list(t0) -> list(t0)", drop),
    Primitive("reverse", "list(t0) -> list(t0)", reverse),
    Primitive("sort", "list(int) -> list(int)", ascending),
    Primitive("sort-texts", "list(str) -> list(str)", alphabetical),
    Primitive("sum", "list(int) -> int", total),
    Primitive("place", "int -> list(int) -> int", place),
)

WEIGHTS = {"if": -2.0, "element": -1.5}
"""Weights of primitives that would otherwise stand in every second place, since they fit every type."""
OWN = 1.5
"""The weight of a puzzle's own constants: they are likelier than the rest of the library."""

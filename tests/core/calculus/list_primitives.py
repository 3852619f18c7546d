"""The list primitives as Python functions, to test the interpreter with and to hold it against the λ-machine."""

from typing import Any

from psynth.core.calculus.interpreter import Primitive
from tests.core.calculus.strategies import LIST_TYPES


def _fold(items: list[Any], start: Any, combine: Any) -> Any:
    for item in reversed(items):
        start = combine(item, start)
    return start


def _unfold(seed: Any, stop: Any, output: Any, following: Any) -> list[Any]:
    items: list[Any] = []
    while not stop(seed):
        if len(items) >= 50:
            raise ValueError("unfold is too long")
        items.append(output(seed))
        seed = following(seed)
    return items


def _index(position: int, items: list[Any]) -> Any:
    if position < 0:
        raise IndexError("negative")
    return items[position]


FUNCTIONS: dict[str, Any] = {
    "map": lambda function, items: [function(item) for item in items],
    "unfold": _unfold,
    "range": lambda count: list(range(count)),
    "index": _index,
    "fold": _fold,
    "length": len,
    "if": lambda condition, then, otherwise: then if condition else otherwise,
    "+": lambda one, other: one + other,
    "-": lambda one, other: one - other,
    "*": lambda one, other: one * other,
    "mod": lambda one, other: one % other,
    "gt?": lambda one, other: one > other,
    "eq?": lambda one, other: one == other,
    "empty": [],
    "cons": lambda item, items: [item, *items],
    "car": lambda items: items[0],
    "cdr": lambda items: items[1:] if items else items[0],
    "empty?": lambda items: not items,
    "0": 0,
    "1": 1,
    "is-prime": lambda number: number > 1 and all(number % divisor for divisor in range(2, min(number, 1000))),
    "is-square": lambda number: number in [root * root for root in range(1000)],
}
PRIMITIVES = [
    Primitive.typed(name, kind, FUNCTIONS[name], lazy=(1, 2) if name == "if" else ())
    for name, kind in LIST_TYPES.items()
]

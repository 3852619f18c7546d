"""Calls of the published primitives of ARC that were observed while its solvers ran, as requests to the λ-machine."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Tagged = Any
"""A value of the recording: ``{"t": [...]}`` is a tuple, ``{"s": [...]}`` a set, ``{"f": NAME}`` a primitive."""


class NotExpressible(Exception):
    """The call has a value that no type of the λ-machine describes."""


@dataclass(frozen=True)
class Call:
    """One observed call; ``result`` is None where the primitive raised an error."""

    line: int
    primitive: str
    arguments: tuple[Tagged, ...]
    result: Tagged
    failed: bool


def calls(path: Path) -> Iterator[Call]:
    """Read the recording, one call a line, numbered from 0."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            row = json.loads(line)
            yield Call(number, row["primitive"], tuple(row["args"]), row.get("result"), "error" in row)


def elements(value: Tagged) -> list[Tagged] | None:
    """The elements of a tuple or set, None of anything else."""
    if not isinstance(value, dict) or "f" in value:
        return None
    found = value["t"] if "t" in value else value["s"]
    assert isinstance(found, list)
    return found


def is_function(value: Tagged) -> bool:
    return isinstance(value, dict) and "f" in value


def plain(value: Tagged) -> Any:
    """The value as the λ-machine reads and writes it."""
    if is_function(value):
        raise NotExpressible("functions are no data")
    inside = elements(value)
    return value if inside is None else [plain(each) for each in inside]


def _is_grid(rows: Sequence[Tagged]) -> bool:
    def is_row(row: Tagged) -> bool:
        colors = elements(row) if isinstance(row, dict) and "t" in row else None
        return bool(colors) and all(type(color) is int and -128 <= color < 128 for color in colors or ())

    return all(is_row(row) for row in rows) and len({len(row["t"]) for row in rows}) == 1


def _common(types: set[str], whole: Tagged) -> str:
    known = {each for each in types if "t0" not in each} or types
    if len(known) > 1 and any("set" in each for each in known):
        raise NotExpressible(f"elements of {len(known)} types in {str(whole)[:60]}")
    return known.pop() if len(known) == 1 else "t0"


def type_of(value: Tagged) -> str:
    """A type of the λ-machine that reads the value as what it was; ``t0`` where there is nothing to say.

    Raises NotExpressible for functions among data, the value None, and containers of values that have no type in
    common.
    """
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    inside = elements(value)
    if inside is None:
        raise NotExpressible(f"the value {value}")
    types = [type_of(each) for each in inside]
    if "s" in value:
        return f"set({_common(set(types), value)})" if types else "set(t0)"
    if inside and _is_grid(inside):
        return "tgrid"
    if len(inside) == 2:
        return f"pair({types[0]},{types[1]})"
    return f"list({_common(set(types), value)})" if types else "list(t0)"


def job_of(call: Call, production_of: Mapping[str, str]) -> dict[str, Any]:
    """A job of the operation ``evaluate`` that makes the call.

    ``production_of`` gives a production of a published name. Which of several does not matter at run time, so every
    argument is cast to what that one takes.
    """
    inputs = [argument for argument in call.arguments if not is_function(argument)]
    variables = iter(f"${len(inputs) - 1 - position}" for position in range(len(inputs)))

    def term(argument: Tagged) -> str:
        return f"(cast {production_of[argument['f']] if is_function(argument) else next(variables)})"

    body = " ".join([production_of[call.primitive], *map(term, call.arguments)])
    return {
        "program": "(lambda " * len(inputs) + f"({body})" + ")" * len(inputs),
        "inputs": [[plain(each) for each in inputs]],
        "request": " -> ".join([*map(type_of, inputs), "t99"]),
    }


def _unordered(value: Any) -> Any:
    """A plain value with everything in it sorted: equal for equal values, sets in whatever order. True is 1."""
    if isinstance(value, list):
        return sorted((_unordered(each) for each in value), key=json.dumps)
    return int(value) if isinstance(value, bool) else value


def _key(value: Any) -> str:
    return json.dumps(_unordered(value))


def agrees(observed: Tagged, found: Any) -> bool:
    """Whether a value of the λ-machine is the observed one, sets in whatever order."""
    inside = elements(observed)
    if inside is None:
        return bool(observed == found)
    if not isinstance(found, list) or len(found) != len(inside):
        return False
    if "t" in observed:
        return all(map(agrees, inside, found))
    like = defaultdict(list)
    for each in found:
        like[_key(each)].append(each)
    return all(any(agrees(each, other) for other in like[_key(plain(each))]) for each in inside)

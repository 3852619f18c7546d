"""How many arguments calls of the published language take, which decides what ``rbind`` fixes: the last of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from psynth.core.calculus.types import arguments_of, parse_type
from psynth.core.stream.records import Library
from psynth_arc.language import COMBINATORS, published_name
from psynth_arc.straight_line import Function, Line

UNARY = frozenset(("compose", "chain", "matcher", "power", "fork"))
"""Primitives that make functions of one argument."""


def primitive_arities(library: Library) -> dict[str, int]:
    """How many arguments a call of each primitive has, by its published name."""
    counts = {published_name(each.name): len(arguments_of(parse_type(each.type))) for each in library.productions}
    return {**counts, **COMBINATORS}


def with_kinds_of_rbind(function: Function, arities: Mapping[str, int]) -> Function:
    """The program with ``rbind.N`` for ``rbind`` where it is known that the function bound takes N arguments.

    Types alone do not tell: with two arguments fixed to be the last, a function of three would be bound in its second.
    """
    known: dict[str, int] = dict(arities)
    lines = []
    for line in function.lines:
        arguments = line.arguments
        name = _rbind(line.function, arguments[:1], known)
        if line.function == "lbind":
            arguments = (_rbind(arguments[0], arguments[1:2], known), *arguments[1:])
        lines.append(Line(line.name, name, arguments))
        taken = _arity(line, known)
        if taken is not None:
            known[line.name] = taken
    return dataclasses.replace(function, lines=tuple(lines))


def _rbind(name: str, bound: tuple[str, ...], known: Mapping[str, int]) -> str:
    count = known.get(bound[0]) if bound else None
    return f"{name}.{count}" if name == "rbind" and count in (2, 3, 4) else name


def _arity(line: Line, known: Mapping[str, int]) -> int | None:
    """How many arguments the value of a line takes; None if that is unknown, or it is no function."""
    if line.function in UNARY:
        return 1
    if line.function in ("rbind", "lbind") and line.arguments[0] in known:
        return known[line.arguments[0]] - 1
    if line.function == "branch" and len(line.arguments) == 3:
        return known.get(line.arguments[1])
    return None

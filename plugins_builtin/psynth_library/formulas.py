"""λ-terms for people: parameters have names, and operators stand between their operands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from psynth.core.calculus.terms import Inlined, Lambda, Name, Term, Variable, names_in, spine, strip_lambdas
from psynth.core.calculus.types import Type, TypeConstructor, split_arrow

DEPTH, LENGTH = 8, 120
"""Maximum nesting and maximum length, in characters, of a formula; an ellipsis stands for what is omitted."""
FUNCTIONS, LISTS, INTEGERS, CONDITIONS, OTHERS = "fgh", ("xs", "ys", "zs"), "nmk", "pq", "xyzuvw"
_OPERATOR = re.compile(r"[-+*/<>=^%&|.:!]+")


def formula(definition: Term, kind: Type) -> str:
    """The body of an abstraction of type ``kind``, its parameters named by their types: ``map (λx. x + n) xs``."""
    count, body = strip_lambdas(definition)
    taken = names_in(definition)
    parameters: list[str] = []
    kinds: Sequence[Type | None] = split_arrow(kind)[0]
    for place in range(count):
        of_kind = kinds[place] if place < len(kinds) else None
        parameters.append(_fresh(of_kind, taken, parameters))
    text = _text(body, parameters, taken, DEPTH, top=True)
    return text if len(text) <= LENGTH else f"{text[: LENGTH - 1].rstrip()}…"


def _fresh(kind: Type | None, taken: set[str], used: Sequence[str]) -> str:
    return next(name for name in _names_for(kind) if name not in taken and name not in used)


def _names_for(kind: Type | None) -> Iterator[str]:
    usual: Sequence[str] = OTHERS
    if kind is not None and kind.is_arrow:
        usual = FUNCTIONS
    elif isinstance(kind, TypeConstructor):
        usual = {"list": LISTS, "int": INTEGERS, "bool": CONDITIONS}.get(kind.name, OTHERS)
    yield from usual
    number = 0
    while True:
        number += 1
        yield f"{usual[0]}{number}"


def _text(term: Term, scope: list[str], taken: set[str], depth: int, *, top: bool = False) -> str:
    """A term under variables called ``scope``, outermost first; in parentheses if it is compound and not ``top``."""
    if isinstance(term, Name):
        return term.text
    if isinstance(term, Variable):
        return scope[-1 - term.index] if term.index < len(scope) else f"${term.index}"
    if depth == 0:
        return "…"
    if isinstance(term, Lambda | Inlined):
        inner = list(scope)
        bound = []
        while isinstance(term, Lambda):
            bound.append(_fresh(None, taken, inner))
            inner.append(bound[-1])
            term = term.body
        if isinstance(term, Inlined):
            term = term.body
        text = _text(term, inner, taken, depth - 1, top=True)
        text = f"λ{' '.join(bound)}. {text}" if bound else text
    else:
        head, arguments = spine(term)
        parts = [_text(each, scope, taken, depth - 1) for each in (head, *arguments)]
        infix = isinstance(head, Name) and _OPERATOR.fullmatch(head.text) and len(arguments) == 2
        text = f"{parts[1]} {parts[0]} {parts[2]}" if infix else " ".join(parts)
    return text if top else f"({text})"

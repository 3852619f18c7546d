"""Programs of the domain as SMT-LIB's definitions of functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psynth.core.calculus.inference import INTEGER
from psynth.core.calculus.normal_forms import beta_normal, expand
from psynth.core.calculus.terms import Application, Inlined, Lambda, Name, Term, Variable, apply_to, head_and_arguments
from psynth.core.calculus.text_literals import text_of
from psynth.core.calculus.types import parse_type, split_arrow
from psynth.core.errors import InputError
from psynth_text.grammar import RENAMED, TYPES
from psynth_text.smtlib import written_number, written_text

_SORTS = {kind: sort for sort, kind in TYPES.items()}
_FUNCTIONS = {"eq?": "=", "gt?": ">", "if": "ite"}
"""Functions that SMT-LIB calls otherwise."""
_PARAMETER = "parameter:"
"""Begins the names that stand for the parameters, by number, while a program is written."""


def definition(
    function: str, parameters: Sequence[str], request: str, term: Term, abstractions: Mapping[str, Term]
) -> str:
    """``(define-fun …)`` for a program of type ``request``, its abstractions expanded.

    InputError for a program that is not first-order, or whose request has other types than string, int and bool.
    """
    kinds, result = split_arrow(parse_type(request))
    sorts = [_SORTS.get(str(kind)) for kind in (*kinds, result)]
    if None in sorts:
        raise InputError(f"SMT-LIB has no function of type {request}: only texts, integers and truth values")
    names = _distinct(parameters, len(kinds))
    given = {f"{_PARAMETER}{number}": _symbol(name) for number, name in enumerate(names)}
    body = _written(beta_normal(apply_to(expand(term, abstractions), *map(Name, given))), given)
    declared = " ".join(f"({_symbol(name)} {sort})" for name, sort in zip(names, sorts, strict=False))
    return f"(define-fun {_symbol(function)} ({declared}) {sorts[-1]} {body})"


def _distinct(parameters: Sequence[str], count: int) -> list[str]:
    """``count`` names for the parameters."""
    if len(parameters) == count and len(set(parameters)) == count:
        return list(parameters)
    return [f"x{number}" for number in range(count)]


def _symbol(name: str) -> str:
    simple = all((each.isalnum() and each.isascii()) or each in "~!@$%^&*_-+=<>.?/" for each in name)
    if simple and name and not name[0].isdigit():
        return name
    if "|" in name or "\\" in name:
        raise InputError(f"{name!r} cannot be a name in SMT-LIB")
    return f"|{name}|"


def _written(term: Term, given: Mapping[str, str]) -> str:
    match term:
        case Name(text):
            return given.get(text) or _name(text)
        case Application():
            return f"({' '.join(_written(part, given) for part in head_and_arguments(term))})"
        case Variable() | Lambda() | Inlined():
            raise InputError("the program is not first-order: SMT-LIB has no functions as values")
    raise AssertionError(term)


def _name(text: str) -> str:
    literal = text_of(text)
    if literal is not None:
        return written_text(literal)
    if INTEGER.fullmatch(text):
        return written_number(int(text))
    return _FUNCTIONS.get(text, text)


assert _FUNCTIONS.keys() >= {name for name in RENAMED.values() if not name.startswith("str.")}

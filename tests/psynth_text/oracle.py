"""The string functions of SMT-LIB 2.7 in Python, written from the standard alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from psynth.core.calculus.terms import Name, Term, Variable, parse_term, spine, strip_lambdas


def at(text: str, position: int) -> str:
    return substr(text, position, 1)


def substr(text: str, start: int, count: int) -> str:
    return text[start : start + count] if 0 <= start < len(text) and count > 0 else ""


def indexof(text: str, part: str, start: int) -> int:
    return text.find(part, start) if 0 <= start <= len(text) else -1


def to_int(text: str) -> int:
    return int(text) if text and all("0" <= each <= "9" for each in text) else -1


FUNCTIONS: dict[str, tuple[str, Callable[..., Any]]] = {
    "str.++": ("string string", lambda a, b: a + b),
    "str.replace": ("string string string", lambda text, part, by: text.replace(part, by, 1)),
    "str.at": ("string int", at),
    "str.substr": ("string int int", substr),
    "str.len": ("string", len),
    "str.indexof": ("string string int", indexof),
    "str.to_int": ("string", to_int),
    "str.from_int": ("int", lambda value: str(value) if value >= 0 else ""),
    "str.prefixof": ("string string", lambda part, whole: whole.startswith(part)),
    "str.suffixof": ("string string", lambda part, whole: whole.endswith(part)),
    "str.contains": ("string string", lambda whole, part: part in whole),
}
"""The types of the arguments, and the function."""


def value_of(program: str, inputs: Sequence[Any]) -> Any:
    """What a λ-term of these functions, of integers and of ``ite`` gives for its inputs."""
    lambdas, body = strip_lambdas(parse_term(program))
    assert lambdas == len(inputs)
    return _value(body, list(inputs))


def _value(term: Term, inputs: list[Any]) -> Any:
    head, arguments = spine(term)
    if isinstance(head, Variable):
        return inputs[-1 - head.index]
    assert isinstance(head, Name)
    if not arguments:
        return json.loads(head.text)
    if head.text == "ite":
        return _value(arguments[1] if _value(arguments[0], inputs) else arguments[2], inputs)
    values = [_value(each, inputs) for each in arguments]
    if head.text in ("+", "-"):
        return values[0] + values[1] if head.text == "+" else values[0] - values[1]
    return FUNCTIONS[head.text][1](*values)

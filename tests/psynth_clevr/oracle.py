"""CLEVR's primitives in Python, written from their documentation: λ-terms evaluated by walking over them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from psynth.core.calculus.terms import Application, Lambda, Name, Term, Variable, parse_term

ATTRIBUTES = {
    "color": ["blue", "brown", "cyan", "gray", "green", "purple", "red", "yellow"],
    "size": ["large", "small"],
    "material": ["metal", "rubber"],
    "shape": ["cube", "cylinder", "sphere"],
}
RELATIONS = ["left", "right", "front", "behind"]


class Wrong(Exception):
    """The program fails."""


def sorted_set(things: list[Any]) -> list[Any]:
    """By id, of equal ids the first, without null objects."""
    by_id: dict[int, Any] = {}
    for thing in things:
        if thing:
            by_id.setdefault(thing["id"], thing)
    return [by_id[number] for number in sorted(by_id)]


def union(first: list[Any], second: list[Any]) -> list[Any]:
    return sorted_set(sorted_set(first) + sorted_set(second))


def only(first: list[Any], second: list[Any], *, inside: bool) -> list[Any]:
    others = {thing["id"] for thing in sorted_set(second)}
    return [thing for thing in sorted_set(first) if (thing["id"] in others) == inside]


def relate(thing: Any, side: str, among: list[Any]) -> list[Any]:
    among = sorted_set(among)
    found = [each for each in among if thing and each["id"] == thing["id"]]
    return [each for each in among if found and each["id"] in found[0][side]]


def car(things: list[Any]) -> Any:
    return next(iter(sorted_set(things)), {})


def add(thing: Any, things: list[Any]) -> list[Any]:
    return union([required(thing)], things)


def required(thing: Any) -> Any:
    if not thing:
        raise Wrong
    return thing


def mapped(function: Callable[[Any], Any], things: list[Any]) -> list[Any]:
    return sorted_set([required(function(each)) for each in sorted_set(things)])


def folded(things: list[Any], start: list[Any], function: Callable[[Any], Callable[[Any], Any]]) -> Any:
    result = start
    for each in reversed(sorted_set(things)):
        result = function(each)(result)
    return result


PRIMITIVES: dict[str, tuple[int, Callable[..., Any]]] = {
    "clevr_relate": (3, relate),
    "clevr_union": (2, union),
    "clevr_intersect": (2, lambda a, b: only(a, b, inside=True)),
    "clevr_difference": (2, lambda a, b: only(a, b, inside=False)),
    "clevr_count": (1, lambda things: len(sorted_set(things))),
    "clevr_gt?": (2, lambda a, b: a > b),
    "clevr_lt?": (2, lambda a, b: a < b),
    "clevr_car": (1, car),
    "clevr_empty": (0, list),
    "clevr_fold": (3, folded),
    "clevr_add": (2, add),
    "clevr_map": (2, mapped),
    **{f"clevr_{side}": (0, lambda side=side: side) for side in RELATIONS},
    **{str(number): (0, lambda number=number: number) for number in range(10)},
}
for name, values in ATTRIBUTES.items():
    PRIMITIVES[f"clevr_query_{name}"] = (1, lambda thing, name=name: required(thing)[name])
    PRIMITIVES[f"clevr_eq_{name}"] = (2, lambda a, b: a == b)
    PRIMITIVES[f"clevr_transform_{name}"] = (2, lambda value, thing, name=name: thing and thing | {name: value})
    for word in values:
        PRIMITIVES[f"clevr_{word}"] = (0, lambda word=word: word)


def run(program: str, scene: list[Any]) -> Any:
    """The value of a program applied to a scene; Wrong if it fails."""
    return value_of(parse_term(program), ())(scene)


def value_of(term: Term, scope: tuple[Any, ...]) -> Any:
    match term:
        case Variable(index):
            return scope[index]
        case Lambda(body):
            return lambda argument: value_of(body, (argument, *scope))
        case Name(text):
            return PRIMITIVES[text][1]()
    arguments: list[Term] = []
    while isinstance(term, Application):
        arguments.insert(0, term.argument)
        term = term.function
    assert isinstance(term, Name)
    if term.text == "clevr_if":
        return value_of(arguments[1 if value_of(arguments[0], scope) else 2], scope)
    arity, function = PRIMITIVES[term.text]
    assert arity == len(arguments)
    return function(*(value_of(each, scope) for each in arguments))

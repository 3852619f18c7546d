"""The types of values: what a task's examples say about the type of its programs, in the types of a domain."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from psynth.core.calculus.types import Type, TypeConstructor, TypeVariable, arrow, parse_type, print_type, split_arrow
from psynth.core.errors import InputError
from psynth.core.stream.records import Example
from psynth.plugins.domain import Domain

SHOWN = 20
"""Number of a domain's own tasks from which the names of its types are taken."""
LIST = "list"
NAMES = {bool: "bool", int: "int", float: "real", str: "text"}
"""The kinds of values, by the names that types usually have."""


def request_of(examples: Sequence[Example], domain: Domain) -> str:
    """The type of a program with these inputs and outputs; InputError for mixed values, or without such a type."""
    names = dict(_names_of(domain))
    width = {len(example.inputs) for example in examples}
    if len(width) > 1:
        raise InputError("its examples have different numbers of inputs")
    columns = [[example.inputs[place] for example in examples] for place in range(width.pop())]
    types = [_type_of(column, names, f"input {place}") for place, column in enumerate(columns, 1)]
    return print_type(arrow(*types, _type_of([example.output for example in examples], names, "the output")))


def _type_of(values: Sequence[Any], names: dict[type, Type], what: str) -> Type:
    kinds = {type(value) for value in values}
    if kinds == {list}:
        items = [item for value in values for item in value]
        return (
            TypeConstructor(LIST, (_type_of(items, names, what),))
            if items
            else TypeConstructor(LIST, (TypeVariable(0),))
        )
    if kinds == {int, float}:
        kinds = {float}
    if len(kinds) != 1:
        found = ", ".join(sorted(NAMES.get(kind, kind.__name__) for kind in kinds))
        raise InputError(f"{what} is not always of one type ({found})")
    [kind] = kinds
    if kind not in names:
        raise InputError(f"{what}: the domain has no type for {NAMES.get(kind, kind.__name__)} values")
    return names[kind]


def _names_of(domain: Domain) -> Iterator[tuple[type, Type]]:
    """The types that values have in the domain's own tasks, and those of its primitives that are called as usual."""
    known = {name for production in domain.library().productions for name in _constants(parse_type(production.type))}
    for kind, name in NAMES.items():
        if name in known:
            yield kind, TypeConstructor(name)
    for task in itertools.islice(domain.tasks(domain.TaskSettings(), 0), SHOWN):
        if task.request is None or not task.examples:
            continue
        arguments, result = split_arrow(parse_type(task.request))
        values = [*task.examples[0].inputs, task.examples[0].output]
        for wanted, value in zip((*arguments, result), values, strict=False):
            yield from _pairs(wanted, value)


def _constants(kind: Type) -> Iterator[str]:
    if isinstance(kind, TypeConstructor):
        if not kind.arguments:
            yield kind.name
        for argument in kind.arguments:
            yield from _constants(argument)


def _pairs(kind: Type, value: Any) -> Iterator[tuple[type, Type]]:
    """The kinds of values inside a value, each with its type."""
    if isinstance(value, list):
        if isinstance(kind, TypeConstructor) and len(kind.arguments) == 1:
            for item in value:
                yield from _pairs(kind.arguments[0], item)
    elif isinstance(kind, TypeConstructor) and not kind.arguments and type(value) in NAMES:
        yield type(value), kind

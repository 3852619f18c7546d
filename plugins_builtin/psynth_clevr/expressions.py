"""What a question asks, as an expression: its answer in a scene, its λ-term, and the expressions that lack a part."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from psynth_clevr.scenes import Scene, Thing


class Ambiguous(Exception):
    """An object is described that the scene has not, or has more than once."""


@dataclass(frozen=True, slots=True)
class Everything:
    """The scene."""


@dataclass(frozen=True, slots=True)
class Filter:
    """The objects of a set with a value of an attribute."""

    of: Objects
    attribute: str
    value: str


@dataclass(frozen=True, slots=True)
class Related:
    """The objects of a scene on one side of the only object of a set."""

    to: Objects
    relation: str


@dataclass(frozen=True, slots=True)
class Union:
    """The objects of two sets."""

    first: Objects
    second: Objects


@dataclass(frozen=True, slots=True)
class Without:
    """The scene without the objects of a set."""

    removed: Objects


@dataclass(frozen=True, slots=True)
class Became:
    """The scene, in which the objects of a set have other attributes."""

    of: Objects
    changes: tuple[tuple[str, str], ...]


Objects: TypeAlias = Everything | Filter | Related | Union | Without | Became


@dataclass(frozen=True, slots=True)
class Count:
    """The number of objects of a set."""

    of: Objects


@dataclass(frozen=True, slots=True)
class Query:
    """An attribute of the only object of a set."""

    of: Objects
    attribute: str


@dataclass(frozen=True, slots=True)
class Compare:
    """Whether one set has more objects than another, or fewer."""

    first: Objects
    second: Objects
    more: bool


Expression: TypeAlias = Objects | Count | Query | Compare
Answer: TypeAlias = "int | bool | str | Scene"

# ---- answers ---------------------------------------------------------------------------------------------------------


def answer(expression: Expression, scene: Scene, *, strict: bool = True) -> Answer | None:
    """The answer in a scene. An object described as the only one must be, or, if not strict, is that with the least id.

    Ambiguous if it is not the only one; None if not strict and there is no such object.
    """
    match expression:
        case Count(of):
            return len(objects(of, scene, strict=strict))
        case Query(of, attribute):
            found = _only(of, scene, strict=strict)
            return None if found is None else found.attributes[attribute]
        case Compare(first, second, more):
            left, right = (len(objects(each, scene, strict=strict)) for each in (first, second))
            return left > right if more else left < right
        case _:
            return objects(expression, scene, strict=strict)


def objects(expression: Objects, scene: Scene, *, strict: bool = True) -> Scene:
    """The set of objects in a scene, by id."""
    match expression:
        case Everything():
            return scene
        case Filter(of, attribute, value):
            return tuple(each for each in objects(of, scene, strict=strict) if each.attributes[attribute] == value)
        case Related(to, relation):
            found = _only(to, scene, strict=strict)
            return () if found is None else tuple(each for each in scene if each.id in found.sides[relation])
        case Union(first, second):
            both = {each.id for part in (first, second) for each in objects(part, scene, strict=strict)}
            return tuple(each for each in scene if each.id in both)
        case Without(removed):
            gone = {each.id for each in objects(removed, scene, strict=strict)}
            return tuple(each for each in scene if each.id not in gone)
        case Became(of, changes):
            meant = {each.id for each in objects(of, scene, strict=strict)}
            return tuple(each.changed(**dict(changes)) if each.id in meant else each for each in scene)


def _only(expression: Objects, scene: Scene, *, strict: bool) -> Thing | None:
    found = objects(expression, scene, strict=strict)
    if strict and len(found) != 1:
        raise Ambiguous
    return found[0] if found else None


# ---- λ-terms ---------------------------------------------------------------------------------------------------------


def reference(expression: Expression) -> str:
    """A λ-term that answers the question, in the published primitives."""
    return f"(lambda {_term(expression)})"


def _term(expression: Expression) -> str:
    match expression:
        case Everything():
            return "$0"
        case Filter(of, attribute, value):
            test = f"(clevr_eq_{attribute} (clevr_query_{attribute} $1) clevr_{value})"
            return f"(clevr_fold {_term(of)} clevr_empty (lambda (lambda (clevr_if {test} (clevr_add $1 $0) $0))))"
        case Related(to, relation):
            return f"(clevr_relate (clevr_car {_term(to)}) clevr_{relation} $0)"
        case Union(first, second):
            return f"(clevr_union {_term(first)} {_term(second)})"
        case Without(removed):
            return f"(clevr_difference $0 {_term(removed)})"
        case Became(of, changes):
            changed = "$0"
            for attribute, value in changes:
                changed = f"(clevr_transform_{attribute} clevr_{value} {changed})"
            return f"(clevr_union (clevr_map (lambda {changed}) {_term(of)}) $0)"
        case Count(of):
            return f"(clevr_count {_term(of)})"
        case Query(of, attribute):
            return f"(clevr_query_{attribute} (clevr_car {_term(of)}))"
        case Compare(first, second, more):
            counts = f"(clevr_count {_term(first)}) (clevr_count {_term(second)})"
            return f"({'clevr_gt?' if more else 'clevr_lt?'} {counts})"


# ---- parts -----------------------------------------------------------------------------------------------------------


PARTS: Final = ("of", "to", "first", "second", "removed")
"""The fields of expressions that are expressions."""


def parts(expression: Expression) -> Iterator[Expression]:
    """The expression and all that it is made of."""
    yield expression
    for name in PARTS:
        inner = getattr(expression, name, None)
        if inner is not None:
            yield from parts(inner)


def weakened(expression: Expression) -> Iterator[Expression]:
    """The expressions that lack one part of this one: a condition, a relation, one of two sets or a change."""
    match expression:
        case Filter(of, _, _):
            yield of
        case Related():
            yield Everything()
        case Union(first, second):
            yield from (first, second)
        case Without():
            yield Everything()
        case Became(of, changes):
            for number in range(len(changes)):
                yield Became(of, changes[:number] + changes[number + 1 :])
        case _:
            pass
    for name in PARTS:
        part = getattr(expression, name, None)
        if part is not None:
            for weaker in weakened(part):
                fields: dict[str, Any] = {name: weaker}
                yield dataclasses.replace(expression, **fields)


def chains(expression: Expression) -> Iterator[dict[str, str]]:
    """The conditions on one object that the expression states together: those of each chain of filters."""
    conditions: dict[str, str] = {}
    part: object = expression
    while isinstance(part, Filter):
        conditions[part.attribute] = part.value
        part = part.of
    if conditions:
        yield conditions
    for name in PARTS:
        inner = getattr(part, name, None)
        if inner is not None:
            yield from chains(inner)

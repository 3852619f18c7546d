"""Scenes of the CLEVR data set: objects and relationships as its files have them, and the scene that they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psynth.core.errors import InputError
from psynth_clevr.scenes import RELATIONS, VALUES, Position, Scene, Thing

HUNDREDTHS = 100
"""Units of a position in a unit of the files."""


def read_scene(entry: Any) -> Scene:
    """The objects of a scene, or of an answer, by id; InputError if they are none of CLEVR's.

    An object without an id has that of its place. Its row of each relationship is at its id: answers leave out objects,
    and keep the relationships of the whole scene.
    """
    if not isinstance(entry, dict):
        raise InputError("a scene is an object with objects and relationships")
    listed = entry.get("objects")
    if not isinstance(listed, list):
        raise InputError("objects: expected a list")
    rows = _rows(entry.get("relationships"))
    things = [_thing(each, number, rows, entry.get("directions")) for number, each in enumerate(listed)]
    by_id = {thing.id: thing for thing in things}
    if len(by_id) < len(things):
        raise InputError("objects: two have the same id")
    return tuple(by_id[number] for number in sorted(by_id))


def _rows(relationships: Any) -> Mapping[str, Sequence[Any]]:
    if not isinstance(relationships, dict):
        raise InputError("relationships: expected an object")
    rows: dict[str, Sequence[Any]] = {}
    for relation in RELATIONS:
        listed = relationships.get(relation)
        if not isinstance(listed, list):
            raise InputError(f"relationships: {relation}: expected a list of lists of ids")
        rows[relation] = listed
    return rows


def _thing(entry: Any, place: int, rows: Mapping[str, Sequence[Any]], directions: Any) -> Thing:
    if not isinstance(entry, dict):
        raise InputError(f"objects[{place}]: expected an object")
    attributes = {}
    for name, values in VALUES.items():
        if entry.get(name) not in values:
            raise InputError(f"objects[{place}]: {name}: expected one of {', '.join(values)}")
        attributes[name] = entry[name]
    number = entry.get("id", place)
    if type(number) is not int or number < 0:
        raise InputError(f"objects[{place}]: id: expected an integer from 0")
    sides = {}
    for relation, listed in rows.items():
        row = listed[number] if number < len(listed) else None
        if not isinstance(row, list) or not all(type(each) is int for each in row):
            raise InputError(f"relationships: {relation}[{number}]: expected a list of ids")
        sides[relation] = tuple(sorted(row))
    return Thing(number, attributes, sides, _position(entry.get("3d_coords"), directions))


def _position(coordinates: Any, directions: Any) -> Position | None:
    """How far an object is to the right and to the back, if its coordinates and the directions are given."""
    if not isinstance(directions, dict):
        return None
    axes: list[Any] = [directions.get("right"), directions.get("behind")]
    if not all(_is_vector(each) for each in [coordinates, *axes]):
        return None
    x, y = (round(HUNDREDTHS * sum(a * b for a, b in zip(coordinates, axis, strict=True))) for axis in axes)
    return x, y


def _is_vector(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and all(type(each) in (int, float) for each in value)

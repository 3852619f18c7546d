"""Scenes: objects with attributes and positions, the relations between them, and both as JSON."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from psynth.core.errors import InputError

VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "size": ("large", "small"),
    "color": ("blue", "brown", "cyan", "gray", "green", "purple", "red", "yellow"),
    "material": ("metal", "rubber"),
    "shape": ("cube", "cylinder", "sphere"),
}
"""The values of each attribute; the attributes in the order in which English names them."""
RELATIONS: Final = ("left", "right", "front", "behind")
FEWEST, MOST = 3, 10
"""Objects of a scene that is drawn."""
REACH: Final = 300
"""Positions are from -REACH to REACH along both axes, in hundredths of a unit."""
APART: Final = 40
"""What two objects are apart at least, along both axes, in a scene that is drawn."""
MARGIN: Final = 20
"""How much further left one object must be to count as left of another: relations of CLEVR use 0.2 units."""

Position: TypeAlias = tuple[int, int]
"""How far right, and how far back, in hundredths of a unit."""


@dataclass(frozen=True, slots=True)
class Thing:
    """An object: its id, attributes, and the ids of the objects on each side of it."""

    id: int
    attributes: Mapping[str, str]
    sides: Mapping[str, tuple[int, ...]]
    at: Position | None = None

    def changed(self, **attributes: str) -> Thing:
        """The same object with other attributes."""
        return dataclasses.replace(self, attributes={**self.attributes, **attributes})

    def to_json(self) -> dict[str, Any]:
        """The object as the λ-machine reads and writes it."""
        value: dict[str, Any] = {"id": self.id}
        value |= {name: self.attributes[name] for name in ("color", "size", "material", "shape")}
        value |= {relation: list(self.sides[relation]) for relation in RELATIONS}
        return value if self.at is None else value | {"at": list(self.at)}

    @classmethod
    def from_json(cls, value: Any) -> Thing:
        """The object of such a value; InputError if it is none."""
        if not isinstance(value, dict):
            raise InputError("an object is a JSON object")
        attributes: dict[str, str] = {}
        for name, values in VALUES.items():
            if value.get(name) not in values:
                raise InputError(f"the {name} of an object is one of {', '.join(values)}")
            attributes[name] = value[name]
        sides = {relation: _ids(value.get(relation), relation) for relation in RELATIONS}
        at = value.get("at")
        if not _is_integer(value.get("id")):
            raise InputError("the id of an object is an integer")
        if at is not None and not (isinstance(at, list) and len(at) == 2 and all(map(_is_integer, at))):
            raise InputError("the place of an object, at, is two integers")
        return cls(value["id"], attributes, sides, None if at is None else (at[0], at[1]))


Scene: TypeAlias = tuple[Thing, ...]
"""Objects in the order of their ids."""


def _is_integer(value: Any) -> bool:
    return type(value) is int


def _ids(value: Any, relation: str) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(map(_is_integer, value)):
        raise InputError(f"{relation} of an object is a list of ids")
    return tuple(value)


def to_json(scene: Sequence[Thing]) -> list[dict[str, Any]]:
    """A set of objects as JSON."""
    return [thing.to_json() for thing in scene]


def from_json(value: Any) -> Scene:
    """A set of objects from JSON; InputError if it is none."""
    if not isinstance(value, list):
        raise InputError("a scene is a list of objects")
    return tuple(Thing.from_json(each) for each in value)


def related(positions: Sequence[Position]) -> list[dict[str, tuple[int, ...]]]:
    """For the object at each position, the numbers of those on each side of it, by at least the margin."""
    return [
        {
            "left": tuple(j for j, (other, _) in enumerate(positions) if other <= x - MARGIN),
            "right": tuple(j for j, (other, _) in enumerate(positions) if other >= x + MARGIN),
            "front": tuple(j for j, (_, other) in enumerate(positions) if other <= y - MARGIN),
            "behind": tuple(j for j, (_, other) in enumerate(positions) if other >= y + MARGIN),
        }
        for x, y in positions
    ]


def draw_attributes(rng: random.Random) -> list[dict[str, str]]:
    """The attributes of the objects of a random scene, uniform and independent."""
    count = rng.randint(FEWEST, MOST)
    columns = [rng.choices(values, k=count) for values in VALUES.values()]
    return [dict(zip(VALUES, row, strict=True)) for row in zip(*columns, strict=True)]


def unplaced(attributes: Sequence[Mapping[str, str]]) -> Scene:
    """A scene of objects with these attributes that are nowhere yet."""
    return tuple(Thing(number, each, {}) for number, each in enumerate(attributes))


def placed(attributes: Sequence[Mapping[str, str]], rng: random.Random) -> Scene:
    """A scene of objects with these attributes at random positions, no two of them in one row or column."""
    positions = list(zip(_coordinates(len(attributes), rng), _coordinates(len(attributes), rng), strict=True))
    sides = related(positions)
    return tuple(Thing(number, each, sides[number], positions[number]) for number, each in enumerate(attributes))


def _coordinates(count: int, rng: random.Random) -> list[int]:
    """Random coordinates that are all apart: sorted draws from what is left without the gaps, which are then added."""
    room = 2 * REACH - (count - 1) * APART
    draws = sorted(rng.randint(0, room) for _ in range(count))
    coordinates = [draw + number * APART - REACH for number, draw in enumerate(draws)]
    rng.shuffle(coordinates)
    return coordinates

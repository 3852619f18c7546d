"""The ``environment`` of a Karel task, and the instances it describes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psynth.core.errors import InputError
from psynth.core.files import read_json
from psynth.core.settings import did_you_mean
from psynth.core.stream.fields import (
    BOOLEAN,
    INTEGER,
    SHARE,
    TEXT,
    Fields,
    Kind,
    WrongField,
    checked,
    field,
    list_of,
)
from psynth_karel.machine import Instances, Picture, Rule, rules

FREE = "free"
"""Worlds without a task."""
# LEAPS (appendix on the dataset): 8 by 8 cells, a tenth of them walls, a tenth with a marker.
FREE_SIDE, FREE_WALLS, FREE_MARKERS = 8, 0.1, 0.1


def _read_world(value: Any) -> Picture:
    try:
        return Picture.from_json(value)
    except InputError as error:
        raise WrongField(error.message) from None


SEEDS = list_of(
    checked(
        INTEGER, "an integer of 64 bits, not negative", lambda seed: 0 <= seed < 1 << 64, minimum=0, maximum=2**64 - 1
    )
)
WORLDS = list_of(Kind(_read_world, {"type": "object"}, Picture.to_json))


@dataclass(frozen=True, slots=True)
class TaskName(Fields):
    """The two fields of an environment that determine the defaults of the others."""

    task: str = field(TEXT)
    """The name of the task, or ``free`` for worlds without a task, which are used for demonstrations."""
    profile: str = field(TEXT)
    """The set of rules."""


@dataclass(frozen=True, slots=True)
class Environment(TaskName):
    """A task under a profile's rules, and its instances as seeds or as initial states."""

    sparse: bool = field(BOOLEAN)
    """Whether only success is rewarded."""
    height: int = field(INTEGER)
    """Rows of a world."""
    width: int = field(INTEGER)
    """Columns of a world."""
    seeds: tuple[int, ...] = field(SEEDS, ())
    """The seed of each generated instance."""
    held_out_seeds: tuple[int, ...] = field(SEEDS, ())
    """The seeds of held-out instances."""
    worlds: tuple[Picture, ...] = field(WORLDS, ())
    """The initial states of instances, instead of seeds."""
    held_out_worlds: tuple[Picture, ...] = field(WORLDS, ())
    """The initial states of held-out instances."""
    walls: float | None = field(SHARE, None)
    """In free worlds, the probability that a cell is a wall."""
    markers: float | None = field(SHARE, None)
    """In free worlds, the probability that a cell without a wall has a marker."""

    def to_json(self) -> dict[str, Any]:
        """The environment as written to a stream, without empty fields."""
        data = Fields.to_json(self)
        if self.task == FREE:
            del data["sparse"]
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Environment:
        """The environment of a task; InputError names the field at fault."""
        if data is None:
            raise InputError("a task of karel needs an environment")
        try:
            return cls._completed(data)
        except WrongField as wrong:
            raise InputError(str(wrong.at(".environment"))) from None

    @classmethod
    def _completed(cls, data: Mapping[str, Any]) -> Environment:
        """The environment with missing fields filled in from the rule of its task; raises `WrongField`."""
        name = TaskName.read_fields({key: data[key] for key in ("task", "profile") if key in data})
        given = {key: value for key, value in data.items() if value is not None}
        if name.task == FREE:
            given = {"walls": FREE_WALLS, "markers": FREE_MARKERS} | given
            rule = Rule(name.profile, FREE, FREE_SIDE, FREE_SIDE, False, False)
        else:
            given.pop("walls", None)
            given.pop("markers", None)
            rule = find_rule(name.profile, name.task)
        found = cls.read_fields({"sparse": rule.sparse, "height": rule.height, "width": rule.width} | given)
        first = next(iter(found.worlds + found.held_out_worlds), None)
        if first is None:
            return found
        return dataclasses.replace(found, height=len(first.map), width=len(first.map[0]) if first.map else 0)

    def instances(self) -> Instances | None:
        """The instances to search on; None if there are none."""
        return self._instances(self.worlds, self.seeds)

    def held_out(self) -> Instances | None:
        """The held-out instances; None if there are none."""
        return self._instances(self.held_out_worlds, self.held_out_seeds)

    def _instances(self, worlds: Sequence[Picture], seeds: Sequence[int]) -> Instances | None:
        if worlds:
            return Instances.from_pictures(self.task, self.profile, worlds, sparse=self.sparse)
        if seeds and self.walls is not None and self.markers is not None:
            size = {"height": self.height, "width": self.width}
            return Instances.free(self.profile, **size, walls=self.walls, markers=self.markers, seeds=seeds)
        if seeds:
            return Instances.generate(
                self.task, self.profile, height=self.height, width=self.width, seeds=seeds, sparse=self.sparse
            )
        return None


def find_rule(profile: str, task: str) -> Rule:
    """The rule of a task under a profile; InputError lists the known tasks if there is none."""
    profiles = {rule.profile: None for rule in rules()}
    if profile not in profiles:
        raise InputError(f"karel has no profile {profile!r}; it has {', '.join(profiles)}")
    known = {rule.task: rule for rule in rules() if rule.profile == profile}
    if task not in known:
        hint = did_you_mean(task, known)
        raise InputError(f"the profile {profile} of karel has no task {task!r}; it has {', '.join(known)}{hint}")
    return known[task]


def read_file(path: Path) -> Environment:
    """The environment in a file of initial states: one JSON object, described in the README."""
    data = read_json(path)
    if not isinstance(data, dict):
        raise InputError("expected an object with profile, task and worlds", source=str(path))
    try:
        environment = Environment._completed(data)
        if not environment.worlds:
            raise InputError("there are no worlds")
        environment.instances()
        environment.held_out()
    except WrongField as wrong:
        raise InputError(str(wrong), source=str(path)) from None
    except InputError as error:
        raise InputError(error.message, source=str(path)) from error
    return environment

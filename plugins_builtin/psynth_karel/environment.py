"""What a Karel task's ``environment`` says, and the worlds it stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psynth.core.errors import InputError
from psynth.core.files import read_json
from psynth.core.settings import did_you_mean
from psynth_karel.machine import Instances, Picture, Rule, rules

FREE = "free"
"""Worlds without a task."""
# As LEAPS demonstrates programs (appendix on the dataset): 8 by 8 cells, a tenth of them walls, a tenth with a marker.
FREE_SIDE, FREE_WALLS, FREE_MARKERS = 8, 0.1, 0.1


@dataclass(frozen=True, slots=True)
class Environment:
    """A task under a profile's rules, and its instances: seeds to draw them from, or the initial states themselves.

    ``held_out_seeds`` and ``held_out_worlds`` are instances that no search may see. The task ``free`` is none: worlds
    to demonstrate programs in, where a cell is a wall and a free one has a marker with the probabilities ``walls`` and
    ``markers``.
    """

    task: str
    profile: str
    sparse: bool
    height: int
    width: int
    seeds: tuple[int, ...] = ()
    held_out_seeds: tuple[int, ...] = ()
    worlds: tuple[Picture, ...] = ()
    held_out_worlds: tuple[Picture, ...] = ()
    walls: float | None = None
    markers: float | None = None

    def to_json(self) -> dict[str, Any]:
        """The environment as it stands in a stream; what is empty is left out."""
        data: dict[str, Any] = {
            "task": self.task,
            "profile": self.profile,
            "sparse": None if self.task == FREE else self.sparse,
            "height": self.height,
            "width": self.width,
            "seeds": list(self.seeds),
            "held_out_seeds": list(self.held_out_seeds),
            "worlds": [world.to_json() for world in self.worlds],
            "held_out_worlds": [world.to_json() for world in self.held_out_worlds],
            "walls": self.walls,
            "markers": self.markers,
        }
        return {name: value for name, value in data.items() if value not in ([], None)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Environment:
        """Read an environment; InputError that says which field is wrong."""
        if data is None:
            raise InputError("a task of karel needs an environment")
        profile, task = _field(data, "profile", str), _field(data, "task", str)
        rule = Rule(profile, FREE, FREE_SIDE, FREE_SIDE, False, False) if task == FREE else find_rule(profile, task)
        worlds, held_out_worlds = (_worlds(data.get(name, []), name) for name in ("worlds", "held_out_worlds"))
        first = next(iter(worlds + held_out_worlds), None)
        return cls(
            task=rule.task,
            profile=rule.profile,
            sparse=_field(data, "sparse", bool, rule.sparse),
            height=_field(data, "height", int, rule.height) if first is None else len(first.map),
            width=_field(data, "width", int, rule.width) if first is None else len(first.map[0]) if first.map else 0,
            seeds=_seeds(data.get("seeds", []), "seeds"),
            held_out_seeds=_seeds(data.get("held_out_seeds", []), "held_out_seeds"),
            worlds=worlds,
            held_out_worlds=held_out_worlds,
            walls=_field(data, "walls", float, FREE_WALLS) if task == FREE else None,
            markers=_field(data, "markers", float, FREE_MARKERS) if task == FREE else None,
        )

    def instances(self) -> Instances | None:
        """The instances that a search may see, None if there is none."""
        return self._instances(self.worlds, self.seeds)

    def held_out(self) -> Instances | None:
        """The instances that it may not see, None if there is none."""
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
    """The rule for a task under a profile; InputError that names the tasks of that profile if there is none."""
    profiles = {rule.profile: None for rule in rules()}
    if profile not in profiles:
        raise InputError(f"karel has no profile {profile!r}; it has {', '.join(profiles)}")
    known = {rule.task: rule for rule in rules() if rule.profile == profile}
    if task not in known:
        hint = did_you_mean(task, known)
        raise InputError(f"the profile {profile} of karel has no task {task!r}; it has {', '.join(known)}{hint}")
    return known[task]


def read_file(path: Path) -> Environment:
    """The environment in a file of exported initial states: one JSON object, see the README."""
    data = read_json(path)
    if not isinstance(data, dict):
        raise InputError("expected an object with profile, task and worlds", source=str(path))
    try:
        environment = Environment.from_json(data)
        if not environment.worlds:
            raise InputError("there are no worlds")
        environment.instances()
        environment.held_out()
    except InputError as error:
        raise InputError(error.message, source=str(path)) from error
    return environment


def _field(data: Mapping[str, Any], name: str, kind: type, default: Any = None) -> Any:
    value = data.get(name, default)
    if type(value) is not kind:
        raise InputError(f"the environment's {name} is {value!r}, not of type {kind.__name__}")
    return value


def _seeds(value: Any, name: str) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(type(seed) is int and 0 <= seed < 1 << 64 for seed in value):
        raise InputError(f"the environment's {name} are whole numbers of 64 bits, not negative")
    return tuple(value)


def _worlds(value: Any, name: str) -> tuple[Picture, ...]:
    if not isinstance(value, list):
        raise InputError(f"the environment's {name} are a list")
    return tuple(map(Picture.from_json, value))

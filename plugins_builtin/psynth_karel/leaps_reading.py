"""Reads one program of LEAPS' data set: its tokens, its worlds, and whether the Karel machine reproduces its actions.

Only the first state of each demonstration is read: the others follow from it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from psynth.core.errors import InputError
from psynth.core.stream.records import Frontier, Origin, Program, Task
from psynth_karel.environment import FREE, Environment
from psynth_karel.language import REQUEST
from psynth_karel.machine import Instances, Picture, actions, to_term
from psynth_karel.tokens import text_of

PROFILE = "leaps"
PLANES = 16
_WALL, _ONE_MARKER = 4, 6
MOST_CELLS = 1 << 28
"""Maximum number of values of a program's data sets that are read, since a damaged file may state any size."""
DAMAGE = (OSError, RuntimeError, KeyError, ValueError)
"""What h5py raises for a damaged file."""
_MARKERS = b".123456789A"


def frontier_in(group: Any, task_id: str) -> tuple[Frontier, bool]:
    """The frontier of one group, and whether the Karel machine reproduces its actions; InputError describes a fault."""
    program = _program(_array(group, "program", 1))
    worlds = _worlds(group)
    recorded = _actions(group, len(worlds))
    [traces] = Instances.from_pictures(FREE, PROFILE, worlds).demonstrate([program])
    same = [trace.actions for trace in traces] == recorded
    environment = Environment(
        task=FREE,
        profile=PROFILE,
        sparse=False,
        height=len(worlds[0].map),
        width=len(worlds[0].map[0]),
        worlds=tuple(worlds),
    )
    task = Task(
        id=task_id,
        domain="karel",
        request=REQUEST,
        environment=environment.to_json(),
        origin="given",
        meta={"name": str(group.name).removeprefix("/")},
    )
    found = Program(program, origin=Origin(by="import"))
    if same:
        found = dataclasses.replace(found, log_likelihood=0.0, score=1.0, status="ok")
    return Frontier(task=task, programs=(found,)), same


def _array(group: Any, name: str, dimensions: int) -> Any:
    """A data set of the group as an array; InputError if there is none with this number of dimensions."""
    data = _dataset(group, name, dimensions)
    _check_size(name, data.shape)
    try:
        return data[...]
    except DAMAGE as error:
        raise InputError(f"{name} cannot be read: {error}") from error


def _check_size(name: str, shape: Sequence[int]) -> None:
    if math.prod(shape) > MOST_CELLS:
        raise InputError(f"{name} has the shape {tuple(shape)}, more than {MOST_CELLS:,} values")


def _dataset(group: Any, name: str, dimensions: int) -> Any:
    try:
        data = group.get(name) if hasattr(group, "get") else None
    except DAMAGE as error:
        raise InputError(f"{name} cannot be read: {error}") from error
    if data is None or not hasattr(data, "shape"):
        raise InputError(f"there is no data set {name}")
    if len(data.shape) != dimensions or data.dtype.kind not in "biu":
        raise InputError(f"{name} has {len(data.shape)} dimensions of {data.dtype}, not {dimensions} of integers")
    return data


def _program(tokens: Any) -> str:
    try:
        return to_term(text_of(tokens.tolist()))
    except ValueError as error:
        raise InputError(f"program: {error}") from error
    except InputError as error:
        raise InputError(f"program: {error.message}") from error


def _worlds(group: Any) -> list[Picture]:
    """The initial states."""
    states = _dataset(group, "s_h", 5)
    demonstrations, length, height, width, planes = states.shape
    if not demonstrations or not length or not height or not width or planes != PLANES:
        raise InputError(f"s_h has the shape {states.shape}, not (demonstrations, states, rows, columns, {PLANES})")
    _check_size("s_h", (demonstrations, height, width, planes))
    try:
        first = states[:, 0].astype(bool)
    except DAMAGE as error:
        raise InputError(f"s_h cannot be read: {error}") from error
    return [_world(state, number) for number, state in enumerate(first)]


def _world(state: Any, number: int) -> Picture:
    import numpy as np

    agents = np.argwhere(state[:, :, :_WALL])
    if len(agents) != 1:
        raise InputError(f"the first state of demonstration {number} has {len(agents)} agents")
    row, column, heading = map(int, agents[0])
    markers = state[:, :, _ONE_MARKER:]
    counts = np.where(markers.any(axis=2), markers.argmax(axis=2) + 1, 0)
    cells = np.frombuffer(_MARKERS, dtype=np.uint8)[counts]
    cells[state[:, :, _WALL]] = ord("#")
    return Picture(tuple(bytes(line).decode() for line in cells), row, column, "NESW"[heading])


def _actions(group: Any, worlds: int) -> list[bytes]:
    """The actions recorded in each world."""
    numbers, lengths = _array(group, "a_h", 2), _array(group, "a_h_len", 1)
    if len(numbers) != worlds or len(lengths) != worlds:
        raise InputError(f"there are {worlds} worlds, but {len(numbers)} rows of a_h and {len(lengths)} of a_h_len")
    found = []
    for row, length in zip(numbers.tolist(), lengths.tolist(), strict=True):
        if not 0 <= length <= len(row):
            raise InputError(f"a_h_len is {length}, but a_h has {len(row)} columns")
        if any(not 0 <= action < len(actions()) for action in row[:length]):
            raise InputError(f"a_h has invalid action numbers in {row[:length]}")
        found.append(bytes(row[:length]))
    return found

"""Client of the physics of walkers: the only module that imports it from the Rust extension."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from psynth.core.errors import EngineError

BATCH = 256
"""Walkers that move between two checks for an interrupt."""

Joint: TypeAlias = tuple[float, float]
Connection: TypeAlias = tuple[int, int, tuple[float, float] | None]
"""Two joints by number and, for a muscle, its amplitude and phase; None for a bone."""
Plan: TypeAlias = tuple[Sequence[Joint], Sequence[Connection]]
"""A walker as it is described: joints and connections."""


class Measures(NamedTuple):
    """How a walker moved, and how it is built; lengths are in the units of its coordinates."""

    displacement: float
    """How far the center of mass moved to the right after it had come to rest; negative to the left."""
    height: float
    """Of the bounding box of the joints."""
    width: float
    """Of the bounding box of the joints."""
    mass: float
    """The number of joints and half the length of all connections."""
    settled: float
    """The seconds until the walker had come to rest."""


class Fault(NamedTuple):
    """Why a walker has no displacement."""

    kind: str
    """invalid, unsettled or exploded."""
    message: str


@dataclass(frozen=True, slots=True)
class Motion:
    """A walker's motion, frame by frame."""

    measures: Measures
    frames: Sequence[Sequence[Joint]]
    """The places of the joints in each frame; the ground of level terrains is at height 0."""
    passive: int
    """The number of frames before the muscles begin to move."""
    limit: float | None
    """Where a wall is (x) or a ceiling (y); None if there is none."""


@dataclass(frozen=True, slots=True)
class Constants:
    """The rules of walkers and the terrains, as the engine has them."""

    terrains: tuple[str, ...]
    joints: tuple[int, int]
    """Fewest and most."""
    muscles: tuple[int, int]
    """Fewest and most connections."""
    degree: int
    """Most connections of one joint."""
    size: float
    """Greatest height and width."""
    mass: float
    """Greatest mass."""
    amplitude: float
    """Greatest amplitude of a muscle, of either sign."""
    radius: float
    """The radius of a joint."""
    frame: float
    """Seconds between two frames."""
    longest: int
    """The longest time of an evaluation, in milliseconds."""


def run(plans: Sequence[Plan], terrain: str, milliseconds: int, threads: int = 1) -> list[Measures | Fault]:
    """Let each walker settle on a terrain, and then move for a time; ``threads`` changes no result."""
    engine = _native().physics_run
    parts = (plans[start : start + BATCH] for start in range(0, len(plans), BATCH))
    answers = (answer for part in parts for answer in engine(part, terrain, milliseconds, threads))
    return [Fault(*answer) if len(answer) == len(Fault._fields) else Measures(*answer) for answer in answers]


def trace(plan: Plan, terrain: str, milliseconds: int) -> Motion | Fault:
    """The motion of one walker."""
    answer = _native().physics_trace(plan, terrain, milliseconds)
    if isinstance(answer, tuple):
        return Fault(*answer)
    return Motion(Measures(*answer["measures"]), answer["frames"], answer["passive"], answer["limit"])


def ground(terrain: str, places: Sequence[float]) -> list[float]:
    """The height of the ground at several places."""
    heights: list[float] = _native().physics_ground(terrain, places)
    return heights


@functools.cache
def constants() -> Constants:
    """The rules and the terrains."""
    found: dict[str, Any] = _native().physics_constants()
    return Constants(**found | {"terrains": tuple(found["terrains"])})


@functools.cache
def _native() -> Any:
    try:
        from psynth import _native
    except ImportError as error:
        raise EngineError(
            f"the physics of walkers in psynth._native cannot be loaded ({error}); "
            "reinstall psynth where cargo is (apt: cargo-web rustc-web)"
        ) from error
    return _native

"""Tasks made from policies: demonstrations in random worlds, as in LEAPS' data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psynth.core.errors import InputError, PsynthError, UsageError
from psynth.core.settings import setting
from psynth.core.stream.records import Library
from psynth.plugins.task_maker import MadeTask, TaskMaker, TaskMakerSettings
from psynth_karel.environment import FREE, FREE_MARKERS, FREE_SIDE, FREE_WALLS, Environment
from psynth_karel.evaluation import KarelEvaluator
from psynth_karel.machine import Demonstration, actions, demonstrations

COUNTED, EXACT = 12, 53
"""Bits of a world's seed that number the worlds of one program, and all bits of the seed, which every JSON reader
represents exactly."""


@dataclass(frozen=True)
class KarelTaskMakerSettings(TaskMakerSettings):
    """The settings of ``psynth sample -d karel --demonstrations N``; the defaults are those of LEAPS."""

    profile: str = setting("leaps", choices=("leaps", "hprl", "prog-policies"), help="rules of the worlds")
    height: int = setting(FREE_SIDE, minimum=3, maximum=250, unit="cells", help="rows of a world")
    width: int = setting(FREE_SIDE, minimum=3, maximum=250, unit="cells", help="columns of a world")
    walls: float = setting(FREE_WALLS, minimum=0, maximum=1, help="probability that a cell is a wall")
    markers: float = setting(FREE_MARKERS, minimum=0, maximum=1, help="probability that a free cell has a marker")
    shortest: int = setting(4, minimum=1, unit="states", help="minimum length of a demonstration: its actions plus one")
    longest: int = setting(20, minimum=1, unit="states", help="maximum length of a demonstration")
    cover_branches: bool = setting(
        False, help="keep only demonstrations with new outcomes of conditions, until each was true and false"
    )
    max_tokens: int = setting(44, minimum=5, unit="tokens", help="maximum length of a program, including DEF run m( m)")


class KarelTaskMaker(TaskMaker):
    """Makes worlds without a task in which a program makes no mistakes; outputs are the names of its actions."""

    Settings = KarelTaskMakerSettings

    def tasks_for(
        self,
        programs: Sequence[tuple[str, int]],
        library: Library,
        count: int,
        settings: Any,
        *,
        outputs: bool = False,
        threads: int = 1,
    ) -> list[MadeTask | str]:
        """A task with ``count`` worlds for each program (with its seed), or the reason there is none."""
        assert isinstance(settings, KarelTaskMakerSettings)
        if settings.shortest > settings.longest:
            raise UsageError(f"--shortest {settings.shortest} is more than --longest {settings.longest}")
        evaluator = KarelEvaluator(library)
        jobs = [(_expanded_or_empty(program, evaluator), _first_world(seed)) for program, seed in programs]
        try:
            found = demonstrations(
                jobs,
                profile=settings.profile,
                size=(settings.height, settings.width),
                walls=settings.walls,
                markers=settings.markers,
                count=count,
                trials=settings.trials,
                shortest=settings.shortest,
                longest=settings.longest,
                cover=settings.cover_branches,
                most_tokens=settings.max_tokens,
                threads=threads,
            )
        except InputError as error:
            raise UsageError(f"no such worlds: {error.message}") from error
        return [each if isinstance(each, str) else _task(each, settings, outputs) for each in found]


def _expanded_or_empty(program: str, evaluator: KarelEvaluator) -> str:
    """The program without abstractions; empty, which the machine rejects, if it cannot be read."""
    try:
        return evaluator.plain(program)
    except PsynthError:
        return ""


def _first_world(seed: int) -> int:
    """The seed of a program's first world, far from those of other programs."""
    return (seed & ((1 << (EXACT - COUNTED)) - 1)) << COUNTED


def _task(found: Demonstration, settings: KarelTaskMakerSettings, outputs: bool) -> MadeTask:
    environment = Environment(
        task=FREE,
        profile=settings.profile,
        sparse=False,
        height=settings.height,
        width=settings.width,
        seeds=found.seeds,
        walls=float(settings.walls),
        markers=float(settings.markers),
    )
    names = actions()
    return MadeTask(
        environment=environment.to_json(),
        outputs=[[names[action] for action in of_world] for of_world in found.actions] if outputs else None,
    )

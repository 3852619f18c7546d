"""Animates a walker: how it settles, and how it moves afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from psynth.core.errors import InputError
from psynth.plugins.views import Animation, Frame
from psynth_sodarace.drawing import draw
from psynth_sodarace.machine import Fault, Joint, Plan, constants, trace
from psynth_sodarace.raster import raster
from psynth_sodarace.stage import Stage
from psynth_sodarace.trial import Trial

EMPTY = 12.0, 1.0
"""The width and height of what is shown of a terrain without a walker."""


@dataclass(frozen=True, slots=True)
class _Clock:
    """When the frames are."""

    passive: int

    def caption(self, number: int, moved: float) -> str:
        """What happens in a frame: the seconds since the walker was placed or since its muscles began to move."""
        seconds = constants().frame
        if number < self.passive:
            return f"{number * seconds:.1f} s, settling"
        return f"{(number - self.passive + 1) * seconds:.1f} s, moved {moved:+.2f}"


def animate(trial: Trial, plan: Plan | None) -> Animation:
    """A walker's motion, or the terrain without a walker; InputError for a walker that cannot move."""
    title = f"{trial.terrain}, {trial.milliseconds / 1000:g} s"
    if plan is None:
        bare = Stage.around(trial.terrain, [[(-EMPTY[0] / 2, 0.0), (EMPTY[0] / 2, EMPTY[1])]], None)
        return Animation(title, [Frame("the terrain", partial(draw, bare, (), ()), partial(raster, bare, (), ()))])
    motion = trace(plan, trial.terrain, trial.milliseconds)
    if isinstance(motion, Fault):
        raise InputError(motion.message)
    stage = Stage.around(trial.terrain, motion.frames, motion.limit)
    clock = _Clock(motion.passive)
    start = _center(motion.frames[motion.passive - 1])
    frames = []
    for number, joints in enumerate(motion.frames):
        links = stage.links(plan[1], motion.frames[0], joints)
        caption = clock.caption(number, _center(joints) - start)
        frames.append(Frame(caption, partial(draw, stage, joints, links), partial(raster, stage, joints, links)))
    return Animation(title, frames)


def _center(joints: Sequence[Joint]) -> float:
    return sum(x for x, _ in joints) / len(joints)

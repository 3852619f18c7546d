"""Animates a policy: the states of one episode with the actions, the cumulative reward, and the reason it ended."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any

from psynth.core.errors import InputError
from psynth.plugins.views import Animation, Frame
from psynth_karel.drawing import draw
from psynth_karel.environment import Environment
from psynth_karel.machine import NO_ACTION, Instances, Picture, Stepper, Trace, actions
from psynth_karel.raster import raster
from psynth_karel.tints import Tints, tints

ENDS = {
    "finished": "the program ended",
    "terminated": "the task ended it",
    "budget": "the budget is spent",
    "loop": "it looped",
}


def animate(environment: Environment, program: str | None, instance: int, *, held_out: bool) -> Animation:
    """One episode; ``program`` is a λ-term without abstractions or tokens, or None for the initial state alone.

    InputError if there is no such instance or the text is not a program.
    """
    single, title, count = _single(environment, instance, held_out)
    instances = single.instances()
    assert instances is not None
    if program is None:
        return Animation(
            title, _frames(single.task, Trace(0.0, "", b"", 0, b"", tuple(instances.pictures())), [0.0]), count
        )
    trace = instances.trace(program, states=True)
    return Animation(title, _frames(single.task, trace, _earned(instances, trace)), count)


def _single(environment: Environment, instance: int, held_out: bool) -> tuple[Environment, str, int]:
    """The environment restricted to one instance, the title of that instance, and the number of instances."""
    seeds = environment.held_out_seeds if held_out else environment.seeds
    worlds = environment.held_out_worlds if held_out else environment.worlds
    kind, count = "held-out instance" if held_out else "instance", len(worlds or seeds)
    if not 0 <= instance < count:
        has = f"has {kind}s 0 to {count - 1}" if count > 1 else f"has only {kind} 0" if count else f"has no {kind}s"
        raise InputError(f"there is no {kind} {instance}: the task {has}")
    single = dataclasses.replace(
        environment,
        seeds=() if worlds else seeds[instance : instance + 1],
        worlds=worlds[instance : instance + 1],
        held_out_seeds=(),
        held_out_worlds=(),
    )
    return single, f"{kind} {instance}" + ("" if worlds else f" (seed {seeds[instance]})"), count


def _earned(instances: Instances, trace: Trace) -> list[float]:
    """The cumulative reward in each state of the episode, from replaying its actions one by one."""
    stepper = Stepper(instances)
    earned = [stepper.rewards()[0]]
    for action in trace.actions:
        stepper.step(bytes([action if action < NO_ACTION else NO_ACTION]))
        earned.append(stepper.rewards()[0])
    return [*earned[:-1], trace.reward]


def _frames(task: str, trace: Trace, earned: list[float]) -> list[Frame]:
    names, last = actions(), len(trace.actions)
    frames = []
    for step, state in enumerate(trace.states):
        caption = f"{step}/{last} {names[trace.actions[step - 1]] if step else 'start'}, reward {earned[step]:.2f}"
        if step == last:
            caption = f"{caption}, {ENDS[trace.end]}" if trace.end else "the initial state"
        meaning = partial(tints, task, trace.states, earned, step)
        frames.append(
            Frame(caption, partial(_draw_with, draw, state, meaning), partial(_draw_with, raster, state, meaning))
        )
    return frames


def _draw_with(renderer: Callable[[Picture, Tints], Any], state: Picture, meaning: Callable[[], Tints]) -> Any:
    return renderer(state, meaning())

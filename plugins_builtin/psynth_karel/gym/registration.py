"""Registers an environment for each of Karel's tasks: ``psynth/Karel-Maze-v0`` and nine more."""

from __future__ import annotations

import gymnasium

from psynth_karel.machine import rules

MOST_STEPS = 500
"""Actions until an episode is truncated: HPRL's budget for a program. Every task can be solved in fewer."""


def environment_id(task: str) -> str:
    """The name of a task's environment: ``psynth/Karel-StairClimber-v0`` for ``stair-climber``."""
    return f"psynth/Karel-{''.join(word.capitalize() for word in task.split('-'))}-v0"


def register() -> None:
    """Register the environments that are not registered yet."""
    for task in dict.fromkeys(rule.task for rule in rules()):
        if environment_id(task) not in gymnasium.registry:
            gymnasium.register(
                environment_id(task),
                entry_point="psynth_karel.gym.environment:KarelEnv",
                vector_entry_point="psynth_karel.gym.vector:KarelVectorEnv",
                max_episode_steps=MOST_STEPS,
                kwargs={"task": task},
            )

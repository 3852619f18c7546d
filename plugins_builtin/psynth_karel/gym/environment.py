"""One Karel task as a Gymnasium environment: an action a step, and as reward what that action earned."""

from __future__ import annotations

import operator
from array import array
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from psynth.core.errors import UsageError
from psynth_karel.drawing import draw
from psynth_karel.gym.worlds import WorldSettings, observation_space, stream_seed
from psynth_karel.machine import Picture, actions
from psynth_karel.raster import raster
from psynth_karel.tints import tints


class KarelEnv(gymnasium.Env[Any, Any]):
    """A Karel task; the keyword arguments are those of `WorldSettings`.

    Actions are numbers in the order of `psynth_karel.machine.actions`. The rewards of an episode add up to what the
    task pays a program that does the same. ``info["is_success"]`` says whether that is the most that can be earned.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi", "rgb_array"], "render_fps": 8}  # noqa: RUF012  as Gymnasium declares it

    def __init__(self, *, render_mode: str | None = None, **settings: Any) -> None:
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise UsageError(f"render_mode is None, ansi or rgb_array, not {render_mode!r}")
        self.render_mode = render_mode
        self.settings = WorldSettings(**settings)
        self._machine = self.settings.environments(1, renewal="never")
        self.action_space = spaces.Discrete(len(actions()))
        self.observation_space = observation_space(self._machine)
        self._is_seeded = False
        self._states: list[Picture] = []
        self._earned: list[float] = []

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray[Any, Any], dict[str, Any]]:
        """Begin an episode in the next world; ``seed`` restarts the sequence of worlds. There are no ``options``."""
        super().reset(seed=seed)
        if options:
            raise UsageError(f"reset has no options here, and not {', '.join(options)}")
        restart = seed is not None or not self._is_seeded
        observation = self._machine.reset([(0, stream_seed(self.np_random) if restart else None)])[0]
        self._is_seeded = True
        self._states.clear()
        self._earned.clear()
        self._record(0.0)
        return observation, {}

    def step(self, action: Any) -> tuple[np.ndarray[Any, Any], float, bool, bool, dict[str, Any]]:
        """Perform an action, a number in the order of `psynth_karel.machine.actions`; InputError if there is none."""
        done = self._machine.step(array("q", [operator.index(action)]))
        reward = float(done.rewards[0])
        self._record(reward)
        return done.observations[0], reward, bool(done.terminated[0]), False, {"is_success": bool(done.solved[0])}

    def render(self) -> Any:
        """The state as text (``ansi``) or as a uint8 array of pixels (``rgb_array``, which needs Pillow)."""
        if self.render_mode is None:
            raise UsageError("give render_mode='ansi' or 'rgb_array' when you make the environment to render it")
        if not self._states:
            raise UsageError("reset the environment before you render it")
        meanings = tints(self.settings.task, self._states, self._earned, len(self._states) - 1)
        if self.render_mode == "ansi":
            return draw(self._states[-1], meanings).plain
        return raster(self._states[-1], meanings)

    def _record(self, reward: float) -> None:
        """Keep the state for pictures, which show a snake by the way that it came."""
        if self.render_mode is not None:
            self._states.append(self._machine.pictures()[0])
            self._earned.append(reward + (self._earned[-1] if self._earned else 0.0))

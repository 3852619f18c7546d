"""Many environments of one Karel task, stepped together in the Karel machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.utils.seeding import np_random
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from psynth.core.errors import UsageError
from psynth_karel.gym.worlds import WorldSettings, observation_space, stream_seed
from psynth_karel.machine import Steps, actions

RENEWALS = {AutoresetMode.NEXT_STEP: "next-step", AutoresetMode.SAME_STEP: "same-step", AutoresetMode.DISABLED: "never"}
"""The machine's names for the ways to renew an episode that is over."""


class KarelVectorEnv(VectorEnv[Any, Any, Any]):
    """``num_envs`` environments that do what as many `KarelEnv` would, seeded alike; the settings are theirs too."""

    metadata: dict[str, Any] = {"render_modes": [], "autoreset_mode": AutoresetMode.NEXT_STEP}  # noqa: RUF012  as Gymnasium declares it

    def __init__(
        self,
        *,
        num_envs: int = 1,
        max_episode_steps: int | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: None = None,
        **settings: Any,
    ) -> None:
        if render_mode is not None:
            raise UsageError(f"a vector environment renders nothing, render_mode {render_mode!r} is of a single one")
        mode = autoreset_mode if isinstance(autoreset_mode, AutoresetMode) else AutoresetMode(autoreset_mode)
        self.metadata = {**type(self).metadata, "autoreset_mode": mode}
        self.num_envs = num_envs
        self.settings = WorldSettings(**settings)
        limit = max_episode_steps if max_episode_steps != -1 else None
        self._machine = self.settings.environments(num_envs, renewal=RENEWALS[mode], most_steps=limit)
        self.single_action_space = spaces.Discrete(len(actions()))
        self.single_observation_space = observation_space(self._machine)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self._is_seeded = np.zeros(num_envs, dtype=np.bool_)
        self._is_over = np.zeros(num_envs, dtype=np.bool_)
        self._same_step = mode == AutoresetMode.SAME_STEP

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray[Any, Any], dict[str, Any]]:
        """Begin new episodes: in all environments, or where the bool array ``options["reset_mask"]`` is true.

        With an integer ``seed`` the environment ``i`` is seeded with ``seed + i``; a sequence has a seed for each.
        """
        chosen = self._chosen(options)
        seeds = self._seeds(seed)
        pairs = [(place, self._stream(place, seeds[place])) for place in np.flatnonzero(chosen).tolist()]
        observations = self._machine.reset(pairs)
        self._is_seeded |= chosen
        self._is_over &= ~chosen
        return observations, {}

    def step(
        self, actions: Any
    ) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any], dict[str, Any]]:
        """Perform one action in each environment, an integer array (num_envs,); InputError if one is no action."""
        chosen = np.asarray(actions)
        if chosen.shape != (self.num_envs,) or chosen.dtype.kind not in "iu":
            raise UsageError(f"actions are {self.num_envs} integers, not {chosen.dtype} of the shape {chosen.shape}")
        if not self._is_seeded.all():
            raise UsageError("reset the environments before the first step")
        done = self._machine.step(np.ascontiguousarray(chosen, dtype=np.int64))
        was_over, self._is_over = self._is_over, done.terminated | done.truncated
        infos = self._infos(done, was_over)
        if self._same_step:
            self._is_over = np.zeros_like(was_over)
        return done.observations, done.rewards, done.terminated, done.truncated, infos

    def _infos(self, done: Steps, was_over: np.ndarray[Any, Any]) -> dict[str, Any]:
        """What `KarelEnv` says of each action, as Gymnasium's own vector environments put it together."""
        told = ~was_over
        if not self._same_step or not self._is_over.any():
            return {"is_success": done.solved & told, "_is_success": told} if told.any() else {}
        over = self._is_over
        last = np.full(self.num_envs, None, dtype=object)
        last[over] = np.fromiter(done.last_observations, dtype=object, count=len(done.last_observations))
        infos = {
            "final_obs": last,
            "_final_obs": over,
            "final_info": {"is_success": done.solved & over, "_is_success": over},
            "_final_info": over,
        }
        told = ~over
        return infos | ({"is_success": done.solved & told, "_is_success": told} if told.any() else {})

    def _chosen(self, options: dict[str, Any] | None) -> np.ndarray[Any, Any]:
        """Which environments to reset."""
        unknown = [name for name in options or {} if name != "reset_mask"]
        if unknown:
            raise UsageError(f"reset has the option reset_mask alone, and not {', '.join(unknown)}")
        if not options:
            return np.ones(self.num_envs, dtype=np.bool_)
        mask = np.asarray(options["reset_mask"])
        if mask.shape != (self.num_envs,) or mask.dtype != np.bool_:
            raise UsageError(f"reset_mask is a bool array of the shape ({self.num_envs},)")
        return mask

    def _seeds(self, seed: int | Sequence[int | None] | None) -> Sequence[int | None]:
        """The seed of each environment."""
        if seed is None or isinstance(seed, int):
            super().reset(seed=seed)
            return [None if seed is None else seed + place for place in range(self.num_envs)]
        if len(seed) != self.num_envs:
            raise UsageError(f"{len(seed)} seeds for {self.num_envs} environments")
        return seed

    def _stream(self, place: int, seed: int | None) -> int | None:
        """The seed of an environment's worlds, as `KarelEnv.reset` gets it; None to go on."""
        if seed is not None:
            return stream_seed(np_random(seed)[0])
        return None if self._is_seeded[place] else stream_seed(self.np_random)

"""The settings that the scalar and the vector environment share, and the Karel machine's environments they describe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import spaces

from psynth.core.errors import UsageError
from psynth.core.settings import check_settings, setting
from psynth_karel.domain import KarelTaskSettings, profile_environments
from psynth_karel.environment import Environment, find_rule
from psynth_karel.machine import Environments


@dataclass(frozen=True, kw_only=True)
class WorldSettings:
    """The keyword arguments of an environment, named like the options of ``psynth tasks karel``."""

    task: str = setting("maze", help="the task, such as maze")
    profile: str = setting("prog-policies", choices=("leaps", "hprl", "prog-policies"), help="rules of the worlds")
    rewards: str = setting("published", choices=("published", "dense", "sparse"), help="reward progress or success")
    height: int | None = setting(None, minimum=5, maximum=250, unit="cells", help="rows (default: as published)")
    width: int | None = setting(None, minimum=5, maximum=250, unit="cells", help="columns (default: as published)")
    instances: int | None = setting(None, minimum=1, unit="worlds", help="worlds (default: a new one each episode)")
    split: str = setting("train", choices=("train", "test"), help="which instances: to search on, or held out")
    worlds_seed: int = setting(0, help="the --seed of psynth tasks karel, which chooses the instances")
    observation: str = setting(
        "planes", choices=("planes", "perceptions"), help="the whole world, or what a program perceives"
    )

    def environments(self, count: int, *, renewal: str, most_steps: int | None = None) -> Environments:
        """The machine's environments; UsageError or InputError if a setting is wrong or there are no such worlds."""
        check_settings(self)
        environment = self._environment()
        how: dict[str, Any] = {"planes": self.observation == "planes", "renewal": renewal, "most_steps": most_steps}
        if self.instances is None:
            if self.split == "test":
                raise UsageError("split='test' needs instances: how many held-out worlds there are")
            return Environments.of_new_worlds(
                self.task,
                self.profile,
                sparse=environment.sparse,
                height=environment.height,
                width=environment.width,
                count=count,
                **how,
            )
        found = environment.instances() if self.split == "train" else environment.held_out()
        assert found is not None
        return Environments.given(found, count, **how)

    def _environment(self) -> Environment:
        """The environment of the task that ``psynth tasks karel`` writes with the same settings."""
        find_rule(self.profile, self.task)
        settings = KarelTaskSettings(
            profile=self.profile,
            rewards=self.rewards,
            height=self.height,
            width=self.width,
            instances=self.instances or 1,
            held_out=self.instances or 0,
        )
        check_settings(settings)
        return next(each for each in profile_environments(settings, self.worlds_seed) if each.task == self.task)


def observation_space(environments: Environments) -> spaces.Box:
    """The space of one observation: 0 or 1 for each cell of each plane, or for each perception."""
    return spaces.Box(0, 1, environments.observation_shape, np.uint8)


def stream_seed(generator: np.random.Generator) -> int:
    """The seed of an environment's sequence of worlds."""
    return int(generator.integers(0, 2**64, dtype=np.uint64))

"""Deep reinforcement learning beside program search: PPO of Stable-Baselines3 on one of Karel's tasks.

    python examples/karel_ppo.py --task maze --steps 200000 --seed 0 > ppo.jsonl

Needs the extra `baselines`. The policy learns in the instances that `psynth tasks karel --task maze` gives to program
search, and is judged, acting greedily, in the instances held out. Standard output is a stream of metrics, which
`psynth report ppo.jsonl` draws: the mean return of the last training episodes, and at the end `reward` and
`held_out_reward`, which compare with the fields of these names of a program found by `psynth search`.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import gymnasium
import numpy as np
import psynth_karel.gym
from gymnasium.vector import AutoresetMode
from psynth_karel.gym.registration import MOST_STEPS, environment_id
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import VecEnv, VecMonitor


class NativeEnvironments(VecEnv):
    """The vector environment over the native Karel machine, as Stable-Baselines3 wants it."""

    def __init__(self, name: str, count: int, **options: Any) -> None:
        mode = AutoresetMode.SAME_STEP
        self.native = gymnasium.make_vec(name, num_envs=count, autoreset_mode=mode, **options)
        super().__init__(count, self.native.single_observation_space, self.native.single_action_space)
        self.chosen: Any = None

    def reset(self) -> Any:
        observations, _ = self.native.reset(seed=list(self._seeds))
        self._reset_seeds()
        return observations

    def step_async(self, actions: Any) -> None:
        self.chosen = actions

    def step_wait(self) -> Any:
        observations, rewards, terminated, truncated, infos = self.native.step(self.chosen)
        over = terminated | truncated
        told: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for place in np.flatnonzero(over):
            told[place] = {
                "terminal_observation": infos["final_obs"][place],
                "TimeLimit.truncated": bool(truncated[place] and not terminated[place]),
                "is_success": bool(infos["final_info"]["is_success"][place]),
            }
        return observations, rewards.astype(np.float32), over, told

    def close(self) -> None:
        self.native.close()

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        return [getattr(self.native, attr_name, None) for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        raise NotImplementedError("the settings of the environments are fixed")

    def env_method(self, method_name: str, *method_args: Any, indices: Any = None, **method_kwargs: Any) -> list[Any]:
        raise NotImplementedError("there are no single environments to call")

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        return [False for _ in self._get_indices(indices)]


class Metrics(BaseCallback):
    """Writes the mean return of the last episodes after each rollout."""

    def _on_step(self) -> bool:
        return True

    def _on_rollout_end(self) -> None:
        last = [episode["r"] for episode in self.model.ep_info_buffer or ()]
        if last:
            write("training_return", float(np.mean(last)), self.num_timesteps)


def write(name: str, value: float, step: int) -> None:
    """Write a metric record."""
    print(json.dumps({"type": "metric", "name": name, "value": round(value, 6), "step": step}), flush=True)


def mean_return(model: PPO, name: str, episodes: int, seed: int, **options: Any) -> float:
    """The mean return of the greedy policy in so many episodes, one an environment."""
    environments = gymnasium.make_vec(name, num_envs=episodes, **options)
    observations, _ = environments.reset(seed=seed)
    returns, over = np.zeros(episodes), np.zeros(episodes, dtype=bool)
    while not over.all():
        chosen, _ = model.predict(observations, deterministic=True)
        observations, rewards, terminated, truncated, _ = environments.step(chosen)
        returns += np.where(over, 0.0, rewards)
        over |= terminated | truncated
    return float(returns.mean())


def main() -> None:
    """Train, judge, and write metrics."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", default="maze", help="a task of psynth tasks karel")
    parser.add_argument("--profile", default="prog-policies", help="the rules")
    parser.add_argument("--steps", type=int, default=200_000, help="actions to train on")
    parser.add_argument("--environments", type=int, default=64, help="environments stepped together")
    parser.add_argument("--observation", default="planes", choices=("planes", "perceptions"))
    parser.add_argument("--max-episode-steps", type=int, default=MOST_STEPS)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    assert psynth_karel.gym is not None  # registers the environments
    name = environment_id(args.task)
    options = {
        "profile": args.profile,
        "observation": args.observation,
        "worlds_seed": args.seed,
        "max_episode_steps": args.max_episode_steps,
    }
    environments = VecMonitor(NativeEnvironments(name, args.environments, instances=16, **options))
    print(json.dumps({"type": "header", "psynth": 1, "provenance": []}))
    model = PPO("MlpPolicy", environments, n_steps=128, batch_size=1024, seed=args.seed, device="cpu")
    model.learn(args.steps, callback=Metrics())
    write("reward", mean_return(model, name, 64, args.seed, instances=16, **options), args.steps)
    held_out = mean_return(model, name, 200, args.seed, instances=200, split="test", **options)
    write("held_out_reward", held_out, args.steps)
    print(json.dumps({"type": "end", "status": "complete"}))


if __name__ == "__main__":
    main()

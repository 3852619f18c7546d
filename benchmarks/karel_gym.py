"""Karel's Gymnasium environments compared with the Karel machine itself, on one core and in CPU time.

    python benchmarks/karel_gym.py [ENVIRONMENTS]

For LEAPS' six tasks under each profile: episodes of 10 actions drawn at random beforehand, or fewer where the task ends
them, in 16 worlds. "machine" acts in them from outside (`Stepper`) and observes and adds up nothing; "vector" is
`gymnasium.make_vec` (4,096 environments unless told otherwise) with perceptions and "planes" with planes as
observations; "single" is `gymnasium.make`. The columns are millions of actions per second; for the machine and the
vector environment with perceptions also thousands of episodes per second, and the second as a share of the first. All
are measured in turn, three times, and the best of each counts.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
import psynth_karel.gym
from psynth_karel.gym.registration import environment_id
from psynth_karel.machine import Instances, Rule, Stepper, rules

LENGTH, WORLDS, ROUNDS, ACTIONS = 10, 16, 3, 2_000_000
"""Actions of an episode, worlds, rounds of measuring, and actions of a round."""


@dataclass
class Count:
    """What one round did."""

    actions: int
    episodes: int


def by_machine(rule: Rule, count: int, chosen: list[Any]) -> Callable[[], Count]:
    """Episodes in the stepper, all begun together."""
    seeds = [place % WORLDS for place in range(count)]
    instances = Instances.generate(
        rule.task, rule.profile, height=rule.height, width=rule.width, seeds=seeds, sparse=rule.sparse
    )
    stepper, given = Stepper(instances), [each.astype(np.uint8).tobytes() for each in chosen]

    def run() -> Count:
        done = Count(0, 0)
        for first in range(0, len(given), LENGTH):
            stepper.reset()
            for each in given[first : first + LENGTH]:
                stepper.step(each)
            done.actions += LENGTH * count  # those after the end of an episode, which do nothing, too
            done.episodes += count
        return done

    return run


def by_vector(rule: Rule, count: int, chosen: list[Any], observation: str) -> Callable[[], Count]:
    """Episodes in the vector environment, each renewed when it is over; a renewal is no action."""
    options = {"profile": rule.profile, "instances": WORLDS, "observation": observation, "max_episode_steps": LENGTH}
    environment = gymnasium.make_vec(environment_id(rule.task), num_envs=count, **options)
    environment.reset(seed=0)

    def run() -> Count:
        over, done = 0, Count(0, 0)
        for each in chosen:
            _, _, terminated, truncated, _ = environment.step(each)
            done.actions += count - over
            over = int(np.count_nonzero(terminated | truncated))
            done.episodes += over
        return done

    return run


def by_single(rule: Rule, chosen: list[Any]) -> Callable[[], Count]:
    """Episodes in one environment."""
    options = {"profile": rule.profile, "instances": WORLDS, "observation": "perceptions", "max_episode_steps": LENGTH}
    environment = gymnasium.make(environment_id(rule.task), disable_env_checker=True, **options)
    environment.reset(seed=0)
    actions = chosen[0][:4000].tolist()

    def run() -> Count:
        done = Count(len(actions), 0)
        for action in actions:
            _, _, terminated, truncated, _ = environment.step(action)
            if terminated or truncated:
                environment.reset()
                done.episodes += 1
        return done

    return run


def measured(runs: dict[str, Callable[[], Count]]) -> dict[str, tuple[float, float]]:
    """Actions and episodes per second of CPU time, the best of several rounds taken in turn."""
    best: dict[str, tuple[float, float]] = dict.fromkeys(runs, (0.0, 0.0))
    for _ in range(ROUNDS):
        for name, run in runs.items():
            start = time.process_time()
            done = run()
            seconds = time.process_time() - start
            best[name] = max(best[name], (done.actions / seconds, done.episodes / seconds))
    return best


def main(count: int = 4096) -> None:
    """Print the table."""
    assert psynth_karel.gym is not None
    rng = np.random.default_rng(0)
    steps = max(LENGTH, ACTIONS // count // LENGTH * LENGTH)
    chosen = [rng.integers(5, size=count) for _ in range(steps)]
    of_leaps = {rule.task for rule in rules() if rule.profile == "leaps"}
    titles = ("machine", "vector", "planes", "single", "machine k/s", "vector k/s", "share")
    print(f"{'profile':14}{'task':14}" + "".join(f"{title:>13}" for title in titles))
    shares = []
    for rule in rules():
        if rule.task not in of_leaps:
            continue
        found = measured(
            {
                "machine": by_machine(rule, count, chosen),
                "vector": by_vector(rule, count, chosen, "perceptions"),
                "planes": by_vector(rule, count, chosen[:: max(1, len(chosen) // 50)], "planes"),
                "single": by_single(rule, [np.concatenate(chosen)]),
            }
        )
        shares.append(found["vector"][1] / found["machine"][1])
        actions = "".join(f"{found[name][0] / 1e6:13.2f}" for name in found)
        episodes = "".join(f"{found[name][1] / 1e3:13,.0f}" for name in ("machine", "vector"))
        print(f"{rule.profile:14}{rule.task:14}{actions}{episodes}{shares[-1]:13.2f}", flush=True)
    print(f"share of the machine's episodes: least {min(shares):.2f}, mean {sum(shares) / len(shares):.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

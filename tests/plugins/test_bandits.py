"""The bandit that weighs what an arm gains against what it costs."""

from __future__ import annotations

from random import Random

import pytest

from psynth.plugins.bandits import CostAwareBandit


def pulls(gains: list[float], costs: list[float], *, batch: int, rounds: int) -> list[int]:
    """How often each arm was chosen, in batches whose gains are known only after the last choice."""
    rng, bandit, counts = Random(0), CostAwareBandit(len(gains)), [0] * len(gains)
    for _ in range(rounds):
        places = [bandit.choose(range(len(gains))) for _ in range(batch)]
        for place in places:
            counts[place] += 1
            bandit.learn(place, float(rng.random() < gains[place]), costs[place])
    return counts


@pytest.mark.parametrize("batch", [1, 64])
def test_the_arm_that_gains_most_for_its_cost_is_chosen_most(batch: int) -> None:
    # 0.9 for 10 is less than 0.3 for 1, and 0.3 for 1 more than 0.05 for 1.
    counts = pulls([0.9, 0.3, 0.05], [10.0, 1.0, 1.0], batch=batch, rounds=6400 // batch)
    assert counts[1] > 0.8 * sum(counts)
    assert min(counts) > 0


def test_at_equal_cost_the_better_arm_is_chosen_most() -> None:
    counts = pulls([0.2, 0.8], [5.0, 5.0], batch=16, rounds=100)
    assert counts[1] > 0.9 * sum(counts)


def test_the_first_batch_is_spread_over_all_arms() -> None:
    bandit = CostAwareBandit(3)
    assert sorted(bandit.choose([0, 1, 2]) for _ in range(30)) == [0] * 10 + [1] * 10 + [2] * 10


def test_only_allowed_arms_are_chosen() -> None:
    bandit = CostAwareBandit(3)
    assert {bandit.choose([0, 2]) for _ in range(50)} == {0, 2}

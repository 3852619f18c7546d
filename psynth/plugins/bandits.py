"""Upper confidence bounds, by which one of several arms of a bandit is chosen: models, operators, parents."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


def exploration(total: int) -> float:
    """The bonus of UCB1 after ``total`` choices, to be divided by those of one arm."""
    return 2 * math.log(max(1, total))


def upper_bound(tries: int, gained: float, bonus: float) -> float:
    """The upper confidence bound of UCB1 for what a try gains, between 0 and 1; ∞ without tries.

    Auer, Cesa-Bianchi and Fischer, Finite-time analysis of the multiarmed bandit problem, 2002.
    """
    return math.inf if not tries else gained / tries + math.sqrt(bonus / tries)


@dataclass(slots=True)
class Arm:
    """What an arm of a bandit with costs has gained; ``ended`` are the tries whose gain is known."""

    tries: int = 0
    ended: int = 0
    gained: float = 0.0
    cost: float = 0.0

    @property
    def mean_cost(self) -> float | None:
        """What a try costs, if it costs something as far as is known."""
        return self.cost / self.ended if self.cost > 0 else None


class CostAwareBandit:
    """Chooses the arm with the greatest upper confidence bound of the gain for each unit of cost.

    The index is that of fractional KUBE (Tran-Thanh, Chapman, Rogers and Jennings, Knapsack based optimal policies for
    budget-limited multi-armed bandits, 2012). Several choices may be made before the gain of the first is known, as all
    requests of a batch are: a try without a known gain counts as one that gained nothing, so that a batch is spread.
    """

    def __init__(self, arms: int) -> None:
        self.arms = [Arm() for _ in range(arms)]

    def choose(self, allowed: Sequence[int]) -> int:
        """The place of the arm to try next, among those allowed; the first of several."""
        bonus = exploration(sum(each.tries for each in self.arms))
        costs = [cost for each in self.arms if (cost := each.mean_cost) is not None]
        usual = sum(costs) / len(costs) if costs else 1.0

        def index(place: int) -> float:
            arm = self.arms[place]
            # An arm of unknown cost is taken to cost what the others do.
            return upper_bound(arm.tries, arm.gained, bonus) / (arm.mean_cost or usual)

        best = max(allowed, key=index)
        self.arms[best].tries += 1
        return best

    def learn(self, place: int, gain: float, cost: float) -> None:
        """What a try of an arm gained, between 0 and 1, and what it cost."""
        arm = self.arms[place]
        arm.ended += 1
        arm.gained += gain
        arm.cost += cost

"""How soon weighted jobs are done on a few machines, if those with the highest priority begin first."""

from __future__ import annotations

import heapq
import random
import runpy
from collections.abc import Callable

MACHINES = 3


def _delay(jobs: list[tuple[float, float]], priority: Callable[[float, float, int], float]) -> float:
    """The sum over the jobs of their weights times the moments at which they are done."""
    order = sorted(range(len(jobs)), key=lambda number: (-priority(*jobs[number], number), number))
    free = [0.0] * MACHINES
    total = 0.0
    for number in order:
        duration, weight = jobs[number]
        done = heapq.heappop(free) + duration
        heapq.heappush(free, done)
        total += weight * done
    return total


def evaluate(path: str) -> dict[str, float]:
    """The delay in the order of arrival over that of the program: more than 1 is better."""
    priority = runpy.run_path(path)["priority"]
    gains = []
    for seed in range(10):
        rng = random.Random(seed)
        jobs = [(rng.uniform(1, 20), rng.uniform(1, 5)) for _ in range(40)]
        gains.append(_delay(jobs, lambda duration, weight, number: -number) / _delay(jobs, priority))
    return {"combined_score": sum(gains) / len(gains), "worst": min(gains)}

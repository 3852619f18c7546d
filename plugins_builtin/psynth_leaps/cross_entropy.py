"""LEAPS' cross-entropy method: a mean vector that moves to the best of those sampled around it.

After Trivedi et al. (NeurIPS 2021, section 4.3 and appendix on the search). It works on any reward, and remembers the
best program ever decoded, which LEAPS does not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from psynth_leaps.latent_task import ROUNDING, LatentSearch

if TYPE_CHECKING:
    from psynth_leaps.latent_space import LatentSpace

PARSES = 0.1
"""What LEAPS adds to the reward of a program that can be parsed, as all are here: it keeps weights from being 0."""
ONES = 0.01
"""The value of each dimension that LEAPS calls an initialization with ones."""
SCALES = {"normal": 1.0, "tiny-normal": 0.1, "large-normal": 2.0}


@dataclass(frozen=True, slots=True)
class CrossEntropy:
    """How a run goes: ``final_sigma`` None leaves sigma as it is, else it falls to that over ``decay_iterations``."""

    population: int
    elites: int
    sigma: float
    final_sigma: float | None
    decay_iterations: int
    reduction: str
    start: str
    elitism: bool
    exponential: bool
    iterations: int
    converged: int | None

    def first(self, dimensions: int, rng: np.random.Generator) -> Any:
        """The first mean vector."""
        if self.start in SCALES:
            return rng.normal(0.0, SCALES[self.start], dimensions)
        return np.full(dimensions, ONES if self.start == "ones" else 0.0)

    def sigma_at(self, iteration: int) -> float:
        """The standard deviation around the mean vector in an iteration."""
        if self.final_sigma is None or self.sigma <= 0:
            return self.sigma
        share = min(1.0, iteration / self.decay_iterations)
        return float(self.sigma * (self.final_sigma / self.sigma) ** share)

    def reduce(self, vectors: Any, gains: Any) -> Any:
        """The next mean vector, from the elites and what they gain."""
        if self.reduction == "max":
            return vectors.max(0)
        if self.reduction == "mean":
            return vectors.mean(0)
        weights = np.exp(gains) if self.exponential else np.maximum(gains + PARSES, 0.0)
        total = weights.sum()
        return vectors.mean(0) if total <= 0 else (weights[:, None] * vectors).sum(0) / total


@dataclass
class CrossEntropySearch(LatentSearch):
    """One task's search by the cross-entropy method."""

    plan: CrossEntropy

    def generations(self, space: LatentSpace, rng: np.random.Generator) -> Iterator[Any]:
        """Sample, keep the elites, move the mean vector; its own program is judged with the next samples."""
        plan = self.plan
        mean = plan.first(space.dimensions, rng)
        kept = np.empty((0, space.dimensions))
        centers: list[float] = []
        best = -math.inf
        for iteration in range(plan.iterations):
            noise = rng.standard_normal((plan.population - len(kept), space.dimensions))
            vectors = np.concatenate([mean[None, :], kept, mean + plan.sigma_at(iteration) * noise])
            programs, gains = self.scored(space, vectors)
            yield gains
            best = max(best, float(gains.max()))
            centers.append(float(gains[0]))
            last = centers[-plan.converged :] if plan.converged else []
            if last and len(last) == plan.converged and sum(last) / len(last) >= best - ROUNDING:
                return
            chosen = 1 + elites(programs[1:], gains[1:], plan.elites)
            mean = plan.reduce(vectors[chosen], np.maximum(gains[chosen], -PARSES))
            kept = vectors[chosen] if plan.elitism and plan.elites < plan.population else kept


def elites(programs: list[str], gains: Any, count: int) -> Any:
    """The places of those that gain most, ties in the order of their programs."""
    order = sorted(range(len(programs)), key=lambda place: (-gains[place], programs[place]))
    return np.array(order[:count])

"""LEAPS' cross-entropy method: a mean vector that moves to the best vectors sampled around it.

After Trivedi et al. (NeurIPS 2021, section 4.3 and appendix on the search). It works with any reward, and keeps the
best program ever decoded, which LEAPS does not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from psynth_leaps.latent_task import ROUNDING, LatentSearch
from psynth_leaps.plans import PARSES, CrossEntropy

if TYPE_CHECKING:
    from psynth_leaps.latent_space import LatentSpace


@dataclass
class CrossEntropySearch(LatentSearch):
    """One task's search by the cross-entropy method."""

    plan: CrossEntropy

    def generations(self, space: LatentSpace, rng: np.random.Generator) -> Iterator[Any]:
        """Yield generations around a moving mean vector, whose own program is judged with the samples."""
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
    """The positions of the programs with the highest gains, with ties in the order of the programs."""
    order = sorted(range(len(programs)), key=lambda place: (-gains[place], programs[place]))
    return np.array(order[:count])

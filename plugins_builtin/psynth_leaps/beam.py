"""Cross-entropy beam search, which samples around each elite instead of around one mean vector.

After Carvalho et al., "Reclaiming the Source of Programmatic Policies: Programmatic versus Latent Spaces" (ICLR 2024).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from psynth_leaps.cross_entropy import elites
from psynth_leaps.latent_task import ROUNDING, LatentSearch
from psynth_leaps.plans import Beam

if TYPE_CHECKING:
    from psynth_leaps.latent_space import LatentSpace


@dataclass
class BeamSearch(LatentSearch):
    """One task's cross-entropy beam search."""

    plan: Beam

    def generations(self, space: LatentSpace, rng: np.random.Generator) -> Iterator[Any]:
        """Yield generations of vectors, each near a randomly chosen elite of the previous generation."""
        plan = self.plan
        vectors = rng.standard_normal((plan.population, space.dimensions))
        best, without = -math.inf, 0
        while without < plan.patience:
            programs, gains = self.scored(space, vectors)
            yield gains
            chosen = elites(programs, gains, plan.elites)
            level = float(gains[chosen].mean())
            best, without = (level, 0) if level > best + ROUNDING else (best, without + 1)
            parents = vectors[chosen][rng.integers(len(chosen), size=plan.population)]
            vectors = parents + plan.sigma * rng.standard_normal(parents.shape)

"""The parameters of the searches in latent space: the settings of ``cem`` and ``cebs``, each declared once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psynth.core.settings import setting

if TYPE_CHECKING:
    import numpy as np

PARSES = 0.1
"""The reward that LEAPS adds for a program that can be parsed, as all of these can; it keeps weights above 0."""
ONES = 0.01
"""The value of each dimension that LEAPS calls an initialization with ones."""
SCALES = {"normal": 1.0, "tiny-normal": 0.1, "large-normal": 2.0}


def elite_count(share: float, population: int) -> int:
    """The number of elites for a share of the population: at least one."""
    return max(1, round(share * population))


@dataclass(frozen=True)
class CrossEntropy:
    """A run of LEAPS' cross-entropy method (Trivedi et al., NeurIPS 2021, section 4.3 and appendix on the search)."""

    population: int = setting(32, minimum=1, unit="vectors", help="vectors sampled in each iteration")
    elite: float = setting(0.1, minimum=0, maximum=1, help="share of the vectors that are elites")
    sigma: float = setting(0.25, minimum=0, help="standard deviation around the mean")
    final_sigma: float | None = setting(
        None, minimum=1e-6, help="decrease --sigma exponentially to this (default: constant)"
    )
    decay_iterations: int = setting(500, minimum=1, unit="iterations", help="iterations until --final-sigma is reached")
    reduction: str = setting(
        "weighted",
        choices=("mean", "weighted", "max"),
        help="next mean: the elites' mean, mean weighted by reward, or maximum in each dimension",
    )
    start: str = setting(
        "normal",
        choices=("zeros", "ones", "normal", "tiny-normal", "large-normal"),
        help="initial mean: zeros; 0.01 (ones, as in LEAPS); or normal with deviation 1, 0.1 or 2",
    )
    elitism: bool = setting(False, help="keep the elites in the next iteration")
    exponential: bool = setting(False, help="weight elites by the exponential of their reward")
    iterations: int = setting(1000, minimum=1, unit="iterations", help="maximum iterations of a run")
    converged: int | None = setting(
        None,
        minimum=1,
        unit="iterations",
        help="end a run when the mean's programs average the best reward over this many iterations",
    )

    @property
    def elites(self) -> int:
        """The number of elites."""
        return elite_count(self.elite, self.population)

    def first(self, dimensions: int, rng: np.random.Generator) -> Any:
        """The first mean vector."""
        if self.start in SCALES:
            return rng.normal(0.0, SCALES[self.start], dimensions)
        import numpy as np

        return np.full(dimensions, ONES if self.start == "ones" else 0.0)

    def sigma_at(self, iteration: int) -> float:
        """The standard deviation around the mean vector in an iteration, counted from 0."""
        if self.final_sigma is None or self.sigma <= 0:
            return self.sigma
        share = min(1.0, iteration / self.decay_iterations)
        return float(self.sigma * (self.final_sigma / self.sigma) ** share)

    def reduce(self, vectors: Any, gains: Any) -> Any:
        """The next mean vector, from the elites (elites, dimensions) and their gains."""
        if self.reduction == "max":
            return vectors.max(0)
        if self.reduction == "mean":
            return vectors.mean(0)
        import numpy as np

        weights = np.exp(gains) if self.exponential else np.maximum(gains + PARSES, 0.0)
        total = weights.sum()
        return vectors.mean(0) if total <= 0 else (weights[:, None] * vectors).sum(0) / total


@dataclass(frozen=True)
class Beam:
    """A run of cross-entropy beam search (Carvalho et al., ICLR 2024)."""

    population: int = setting(64, minimum=1, unit="vectors", help="vectors in each iteration")
    elite: float = setting(0.25, minimum=0, maximum=1, help="share of the vectors that are elites")
    sigma: float = setting(0.25, minimum=0, help="standard deviation around an elite")
    patience: int = setting(
        5, minimum=1, unit="iterations", help="restart after this many without a better mean of the elites"
    )

    @property
    def elites(self) -> int:
        """The number of elites."""
        return elite_count(self.elite, self.population)

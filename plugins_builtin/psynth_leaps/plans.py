"""How a run of each search in latent space goes: the settings of ``cem`` and ``cebs``, each declared once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psynth.core.settings import setting

if TYPE_CHECKING:
    import numpy as np

PARSES = 0.1
"""What LEAPS adds to the reward of a program that can be parsed, as all are here: it keeps weights from being 0."""
ONES = 0.01
"""The value of each dimension that LEAPS calls an initialization with ones."""
SCALES = {"normal": 1.0, "tiny-normal": 0.1, "large-normal": 2.0}


def elite_count(share: float, population: int) -> int:
    """The number of elites that a share of the population is: at least one."""
    return max(1, round(share * population))


@dataclass(frozen=True)
class CrossEntropy:
    """A run of LEAPS' cross-entropy method (Trivedi et al., NeurIPS 2021, section 4.3 and appendix on the search)."""

    population: int = setting(32, minimum=1, unit="vectors", help="vectors sampled in an iteration")
    elite: float = setting(0.1, minimum=0, maximum=1, help="share of them that the next mean vector comes from")
    sigma: float = setting(0.25, minimum=0, help="standard deviation around the mean vector")
    final_sigma: float | None = setting(
        None, minimum=1e-6, help="let it fall exponentially to this; it stays as it is if not given"
    )
    decay_iterations: int = setting(500, minimum=1, unit="iterations", help="how long it falls")
    reduction: str = setting(
        "weighted", choices=("mean", "weighted", "max"), help="the next mean vector: of the elites, by reward or not"
    )
    start: str = setting(
        "normal",
        choices=("zeros", "ones", "normal", "tiny-normal", "large-normal"),
        help="the first mean vector; LEAPS' ones are 0.01, the normal ones have deviation 1, 0.1 and 2",
    )
    elitism: bool = setting(False, help="keep the elites among the next vectors")
    exponential: bool = setting(False, help="weigh elites by the exponential of their reward")
    iterations: int = setting(1000, minimum=1, unit="iterations", help="length of a run")
    converged: int | None = setting(
        None,
        minimum=1,
        unit="iterations",
        help="end a run when the mean vector's last programs earn as much as the best one met, on average",
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
        import numpy as np

        weights = np.exp(gains) if self.exponential else np.maximum(gains + PARSES, 0.0)
        total = weights.sum()
        return vectors.mean(0) if total <= 0 else (weights[:, None] * vectors).sum(0) / total


@dataclass(frozen=True)
class Beam:
    """A run of cross-entropy beam search (Carvalho et al., ICLR 2024)."""

    population: int = setting(64, minimum=1, unit="vectors", help="vectors in an iteration")
    elite: float = setting(0.25, minimum=0, maximum=1, help="share of them that have children")
    sigma: float = setting(0.25, minimum=0, help="standard deviation of a child around its parent")
    patience: int = setting(
        5, minimum=1, unit="iterations", help="begin anew after so many in which the elites' mean did not grow"
    )

    @property
    def elites(self) -> int:
        """The number of elites."""
        return elite_count(self.elite, self.population)

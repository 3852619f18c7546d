"""The components of a grammar: weighted productions, and weights by context."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from psynth.core.calculus.terms import Term
from psynth.core.calculus.types import Type
from psynth.core.errors import PsynthError

IMPOSSIBLE: Final = -math.inf
START: Final = 0
"""The number of the outermost context."""
VARIABLE: Final = 1
"""The number of the context of a variable's arguments; one for each argument of each production follows, in order."""


class GrammarError(PsynthError):
    """An inconsistent grammar, or one without a program of the requested type."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Production:
    """A primitive, or a learned abstraction if it has a ``definition``; never proposed if ``log_weight`` is −inf."""

    name: str
    type: Type
    log_weight: float = 0.0
    definition: Term | None = None


@dataclass(frozen=True, slots=True)
class Weights:
    """The log-weights of all productions, in the grammar's order, and of a variable."""

    log_weights: tuple[float, ...]
    log_variable: float


@dataclass(frozen=True, slots=True)
class ContextualWeights:
    """Weights by context; ``productions`` maps each name to one set of weights for each argument."""

    start: Weights
    variable: Weights
    productions: Mapping[str, tuple[Weights, ...]]


def log_sum_exp(values: Sequence[float]) -> float:
    """log Σ exp without overflow; −inf for no values."""
    highest = max(values, default=IMPOSSIBLE)
    if highest == IMPOSSIBLE:
        return IMPOSSIBLE
    return highest + math.log(math.fsum(math.exp(value - highest) for value in values))

"""What a grammar consists of: weighted productions, and weights by context."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from psynth.core.calculus.terms import Term
from psynth.core.calculus.types import Type
from psynth.core.errors import PsynthError

IMPOSSIBLE: Final = -math.inf
# Contexts by number: these two, then one for each argument of each production, in order.
START: Final = 0
VARIABLE: Final = 1


class GrammarError(PsynthError):
    """A grammar that contradicts itself, or that has no program of the type asked for."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Production:
    """A primitive, or with ``definition`` a learned abstraction. ``log_weight`` −inf: never proposed."""

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
    """Weights by context; ``productions`` has, for each production by name, one for each of its arguments."""

    start: Weights
    variable: Weights
    productions: Mapping[str, tuple[Weights, ...]]


def log_sum_exp(values: Sequence[float]) -> float:
    """log Σ exp, without overflow; −inf of nothing."""
    highest = max(values, default=IMPOSSIBLE)
    if highest == IMPOSSIBLE:
        return IMPOSSIBLE
    return highest + math.log(math.fsum(math.exp(value - highest) for value in values))

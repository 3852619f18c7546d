"""Programs as derivations in a grammar, laid out in arrays, from which new weights give their probabilities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from psynth.core.calculus.grammars import Choice, Grammar
from psynth.core.calculus.inference import LiteralType
from psynth.core.calculus.normal_forms import beta_normal, eta_long
from psynth.core.calculus.productions import IMPOSSIBLE, START, VARIABLE, Weights
from psynth.core.calculus.terms import parse_term
from psynth.core.calculus.types import arguments_of, parse_type
from psynth.core.errors import PsynthError


def context_count(grammar: Grammar) -> int:
    """The number of contexts of a grammar: the start, a variable's arguments, and each argument of each production."""
    return VARIABLE + 1 + sum(len(arguments_of(each.type)) for each in grammar.productions)


def base_weights(grammar: Grammar, *, contextual: bool) -> Any:
    """The grammar's own weights: an array (contexts or 1, productions + 1) with the variable's last."""
    contexts = range(START, context_count(grammar)) if contextual else [START]
    return np.array([_row(grammar.weights_at(context)) for context in contexts])


def _row(weights: Weights) -> list[float]:
    return [*weights.log_weights, weights.log_variable]


@dataclass(frozen=True, slots=True)
class Derivation:
    """The holes of a program: arrays of their contexts, of the choices made and of the numbers of candidate sets.

    A choice is a production's number, or the number of productions for a variable. ``constant`` is the log-probability
    of choosing among variables that share a weight, ``log_prior`` that of the program under the grammar itself.
    """

    contexts: Any
    choices: Any
    candidates: Any
    constant: float
    log_prior: float


@dataclass
class Derivations:
    """Reads programs of one grammar; ``contextual`` says whether the context of a hole counts."""

    grammar: Grammar
    contextual: bool
    literal_type: LiteralType | None = None
    _numbers: dict[tuple[tuple[int, ...], bool], int] = field(default_factory=dict)

    def read(self, program: str, request: str) -> Derivation | None:
        """The derivation of a program of type ``request``; None if the grammar has none of a probability above 0."""
        grammar, kind = self.grammar, parse_type(request)
        try:
            term = parse_term(program)
            choices = grammar.derivation(term, kind)
            if choices is None:
                term = eta_long(beta_normal(term), kind, grammar.types, literal_type=self.literal_type)
                choices = grammar.derivation(term, kind)
        except PsynthError:
            return None
        if choices is None:
            return None
        log_prior = grammar.log_probability(choices)
        return None if log_prior == IMPOSSIBLE else self._laid_out(choices, log_prior)

    @property
    def masks(self) -> Any:
        """The candidates of each set read so far: a boolean array (sets, productions + 1)."""
        masks = np.zeros((len(self._numbers), len(self.grammar.productions) + 1), dtype=bool)
        for (productions, variable), number in self._numbers.items():
            masks[number, list(productions)] = True
            masks[number, -1] = variable
        return masks

    def _laid_out(self, choices: Sequence[Choice], log_prior: float) -> Derivation:
        variable = len(self.grammar.productions)
        constant = 0.0
        for choice in choices:
            if choice.production < 0:
                constant -= math.log(len(choice.options.variables))
        return Derivation(
            np.array([choice.context if self.contextual else START for choice in choices], dtype=np.int64),
            np.array([variable if each.production < 0 else each.production for each in choices], dtype=np.int64),
            np.array([self._number(choice) for choice in choices], dtype=np.int64),
            constant,
            log_prior,
        )

    def _number(self, choice: Choice) -> int:
        options = choice.options
        return self._numbers.setdefault((options.productions, bool(options.variables)), len(self._numbers))

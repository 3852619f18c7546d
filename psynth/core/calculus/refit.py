"""Refits a grammar's weights to programs: DreamCoder's inside–outside estimate, or one that backs off to it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from psynth.core.calculus.grammars import Choice, Grammar
from psynth.core.calculus.productions import (
    IMPOSSIBLE,
    START,
    VARIABLE,
    ContextualWeights,
    Production,
    Weights,
    log_sum_exp,
)
from psynth.core.calculus.terms import Term
from psynth.core.calculus.types import Type


@dataclass
class _Uses:
    """Expected counts over some holes; all variables together count as one production."""

    actual: list[float]
    """For each production, the expected number of uses."""
    possible: list[float]
    """For each production, the expected number of holes where it was a candidate."""
    actual_variable: float = 0.0
    possible_variable: float = 0.0

    def add(self, choice: Choice, weight: float) -> None:
        for number in choice.options.productions:
            self.possible[number] += weight
        if choice.options.variables:
            self.possible_variable += weight
        if choice.production < 0:
            self.actual_variable += weight
        else:
            self.actual[choice.production] += weight

    def weights(self, pseudocounts: float, before: Weights, *, backing_off: bool = False) -> Weights:
        """The weights estimated; the prior holes use each production or, if ``backing_off``, as ``before`` says."""

        def estimate(actual: float, possible: float, old: float) -> float:
            return _estimate(actual, possible, pseudocounts, old, math.exp(old) if backing_off else 1.0)

        return Weights(
            tuple(map(estimate, self.actual, self.possible, before.log_weights)),
            estimate(self.actual_variable, self.possible_variable, before.log_variable),
        )

    def include(self, other: "_Uses") -> None:
        """Add the counts of other holes."""
        self.actual = [mine + its for mine, its in zip(self.actual, other.actual, strict=True)]
        self.possible = [mine + its for mine, its in zip(self.possible, other.possible, strict=True)]
        self.actual_variable += other.actual_variable
        self.possible_variable += other.possible_variable


def _estimate(actual: float, possible: float, pseudocounts: float, before: float, share: float) -> float:
    """log(actual + pseudocounts · share) − log(possible + pseudocounts); −inf if the weight before was −inf."""
    if before == IMPOSSIBLE:
        return IMPOSSIBLE
    if possible + pseudocounts == 0:
        return before  # there are neither observations nor pseudocounts
    if actual + pseudocounts * share == 0:
        return IMPOSSIBLE
    return math.log(actual + pseudocounts * share) - math.log(possible + pseudocounts)


TermsFound = tuple[Type, Sequence[tuple[Term, float]]]
"""A request and its (term, log-likelihood) pairs."""


def inside_outside(
    grammar: Grammar, frontiers: Iterable[TermsFound], pseudocounts: float = 30.0, *, contextual: bool = False
) -> Grammar:
    """The grammar with weights refitted once to ``frontiers``.

    Within a frontier each term is weighted by its posterior under ``grammar``: the softmax of log-likelihood +
    log-prior. Terms that the grammar cannot derive are ignored. The result has weights for each context if
    ``contextual``, else one set, independently of the weights of ``grammar``.
    """
    uses = _counted(grammar, frontiers, contextual=contextual)
    base = grammar.unigram_weights
    if not contextual:
        return _with_weights(grammar, uses[0].weights(pseudocounts, base), None)
    fitted = [each.weights(pseudocounts, grammar.weights_at(context)) for context, each in enumerate(uses)]
    return _with_weights(grammar, base, _by_context(grammar, fitted))


def bigram(
    grammar: Grammar, frontiers: Iterable[TermsFound], pseudocounts: float = 30.0, backoff: float = 1.0
) -> Grammar:
    """The grammar refitted once to ``frontiers``, with weights for each context of a hole: the parent and the argument.

    The productions' own weights are those of `inside_outside`. In a context with few holes the weights are close to
    these: each counts there as much as ``backoff`` (> 0) more holes would, in which productions are used in the share
    that their own weights say.
    """
    uses = _counted(grammar, frontiers, contextual=True)
    together = _Uses([0.0] * len(grammar.productions), [0.0] * len(grammar.productions))
    for each in uses:
        together.include(each)
    unigram = together.weights(pseudocounts, grammar.unigram_weights)
    fitted = [each.weights(backoff, unigram, backing_off=True) for each in uses]
    return _with_weights(grammar, unigram, _by_context(grammar, fitted))


def _by_context(grammar: Grammar, fitted: Sequence[Weights]) -> ContextualWeights:
    by_name = {
        production.name: tuple(fitted[context] for context in grammar.argument_contexts[number])
        for number, production in enumerate(grammar.productions)
    }
    return ContextualWeights(fitted[START], fitted[VARIABLE], by_name)


def _counted(grammar: Grammar, frontiers: Iterable[TermsFound], *, contextual: bool) -> list[_Uses]:
    """The expected counts, for each context if ``contextual``."""
    size = len(grammar.productions)
    contexts = VARIABLE + 1 + sum(len(each) for each in grammar.argument_contexts) if contextual else 1
    uses = [_Uses([0.0] * size, [0.0] * size) for _ in range(contexts)]
    for request, solutions in frontiers:
        found: list[tuple[float, list[Choice]]] = []
        for term, log_likelihood in solutions:
            choices = grammar.derivation(term, request)
            if choices is None:
                continue
            log_posterior = log_likelihood + grammar.log_probability(choices)
            if log_posterior > IMPOSSIBLE:
                found.append((log_posterior, choices))
        total = log_sum_exp([log_posterior for log_posterior, _ in found])
        for log_posterior, choices in found:
            weight = math.exp(log_posterior - total)
            for choice in choices:
                uses[choice.context if contextual else 0].add(choice, weight)
    return uses


def _with_weights(grammar: Grammar, weights: Weights, contextual: ContextualWeights | None) -> Grammar:
    productions: list[Production] = [
        replace(production, log_weight=log_weight)
        for production, log_weight in zip(grammar.productions, weights.log_weights, strict=True)
    ]
    return Grammar(tuple(productions), weights.log_variable, contextual, grammar.continuation)

"""Probabilistic grammars over typed λ-terms: the candidates for each hole, and the probability of a term.

A hole has a type, an environment (the types of the variables around it) and a context. A hole of function type is
filled with a lambda at no cost. Any other is filled with a production or a variable whose return type unifies with the
hole's, and the holes of its arguments are filled in turn, from left to right. The weights are DreamCoder's: one for
each production and one that all fitting variables share, normalized over the candidates that fit. ``contextual``
weights have one set for each context: the start, each argument of each production, and an argument of a variable.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

from psynth.core.calculus.inference import infer
from psynth.core.calculus.productions import (
    IMPOSSIBLE,
    START,
    VARIABLE,
    ContextualWeights,
    GrammarError,
    Production,
    Weights,
    log_sum_exp,
)
from psynth.core.calculus.terms import Lambda, Name, Term, Variable, spine
from psynth.core.calculus.types import (
    Type,
    TypeConstructor,
    arguments_of,
    canonical_all,
    return_of,
    split_arrow,
)
from psynth.core.calculus.unification import Unifier

_CACHE_LIMIT: Final = 200_000


@dataclass(slots=True)
class Options:
    """The candidates for a hole."""

    productions: tuple[int, ...]
    """Productions by number."""
    variables: tuple[int, ...]
    """Variables by index."""
    numbers: frozenset[int]
    """The productions as a set."""
    odds: dict[int, tuple[dict[int, float], float]] = field(default_factory=dict)
    """For each weight set used so far, the log-probability of each production and of any one variable."""


class Choice(NamedTuple):
    """The derivation step at one hole of a term."""

    context: int
    """The context of the hole."""
    options: Options
    """The candidates."""
    production: int
    """The number of the chosen production; −1 for a variable."""


@dataclass(frozen=True)
class Grammar:
    """Weighted productions and a weight for variables.

    With ``continuation``, only the innermost of the variables that are not functions may fill a hole of exactly this
    type. ``contextual`` weights, if given, replace those of the productions and ``log_variable``.
    """

    productions: tuple[Production, ...]
    log_variable: float = 0.0
    contextual: ContextualWeights | None = None
    continuation: Type | None = None
    _options: dict[tuple[Type, ...], Options] = field(default_factory=dict, init=False, repr=False, compare=False)

    _fitting: dict[Type, tuple[tuple[int, ...], frozenset[int]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _parameters: dict[tuple[int, Type], tuple[Type, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        if len(self.numbers) != len(self.productions):
            doubles = sorted({each.name for each in self.productions if self._count(each.name) > 1})
            raise GrammarError(f"productions with the same name: {', '.join(doubles)}")
        if self.contextual is not None:
            self._check_contextual(self.contextual)

    @classmethod
    def uniform(cls, types: Mapping[str, Type], *, continuation: Type | None = None) -> Grammar:
        """The grammar in which every production and ``log_variable`` weigh 0."""
        return cls(tuple(Production(name, kind) for name, kind in types.items()), continuation=continuation)

    # --- what the grammar consists of ---

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The position of each production, by name."""
        return {production.name: number for number, production in enumerate(self.productions)}

    @cached_property
    def types(self) -> dict[str, Type]:
        """The type of each production, by name."""
        return {production.name: production.type for production in self.productions}

    @cached_property
    def definitions(self) -> dict[str, Term]:
        """The definition of each learned abstraction, by name."""
        return {each.name: each.definition for each in self.productions if each.definition is not None}

    @cached_property
    def argument_contexts(self) -> tuple[tuple[int, ...], ...]:
        """For each production the contexts of its arguments' holes, by number."""
        contexts = []
        following = VARIABLE + 1
        for production in self.productions:
            count = len(arguments_of(production.type))
            contexts.append(tuple(range(following, following + count)))
            following += count
        return tuple(contexts)

    @cached_property
    def unigram_weights(self) -> Weights:
        """The weights without contextual ones."""
        return Weights(tuple([each.log_weight for each in self.productions]), self.log_variable)

    def weights_at(self, context: int) -> Weights:
        """The weights in a context."""
        return self._weight_sets[context if self.contextual is not None else 0]

    @cached_property
    def _weight_sets(self) -> tuple[Weights, ...]:
        """The weights of each context, or a single set."""
        contextual = self.contextual
        if contextual is None:
            return (self.unigram_weights,)
        arguments = [weights for each in self.productions for weights in contextual.productions[each.name]]
        return (contextual.start, contextual.variable, *arguments)

    def _count(self, name: str) -> int:
        return sum(production.name == name for production in self.productions)

    def _check_contextual(self, contextual: ContextualWeights) -> None:
        for each in self.productions:
            given, needed = len(contextual.productions.get(each.name, ())), len(arguments_of(each.type))
            if each.name not in contextual.productions and not needed:
                raise GrammarError(f"contextual weights lack production {each.name}")
            if given != needed:
                raise GrammarError(f"contextual weights of {each.name} are for {given} arguments, but it has {needed}")
        for weights in self._weight_sets:
            if len(weights.log_weights) != len(self.productions):
                raise GrammarError(f"a contextual weight set is not for {len(self.productions)} productions")

    # --- what may stand at a hole ---

    def options_at(self, hole: Type, environment: Sequence[Type]) -> Options:
        """The candidates for a hole whose type is not a function; ``environment[0]`` is the type of ``$0``.

        The unifier's substitution must have been applied to both. Results are cached up to renaming of type variables.
        """
        key = canonical_all((hole, *environment))
        options = self._options.get(key)
        if options is None:
            if len(self._options) >= _CACHE_LIMIT:
                self._options.clear()
                self._fitting.clear()
                self._parameters.clear()
            options = self._options[key] = self._find_options(key[0], key[1:])
        return options

    def _find_options(self, hole: Type, environment: Sequence[Type]) -> Options:
        first = max([hole.bound, *(kind.bound for kind in environment)])
        # Which productions fit does not depend on the environment, of which there are many.
        fitting = self._fitting.get(hole)
        if fitting is None:
            fitting = self._fitting[hole] = self._find_fitting(hole)
        variables = [index for index, kind in enumerate(environment) if Unifier(first).try_unify(return_of(kind), hole)]
        if hole is self.continuation:
            innermost = next((index for index in variables if not environment[index].is_arrow), None)
            variables = [index for index in variables if index == innermost or environment[index].is_arrow]
        return Options(fitting[0], tuple(variables), fitting[1])

    def _find_fitting(self, hole: Type) -> tuple[tuple[int, ...], frozenset[int]]:
        """The productions whose return type unifies with the type of a hole, in order and as a set."""
        found = []
        for number, each in enumerate(self.productions):
            unifier = Unifier(hole.bound)
            if unifier.try_unify(return_of(unifier.instantiate(each.type)), hole):
                found.append(number)
        return tuple(found), frozenset(found)

    def odds(self, options: Options, context: int) -> tuple[dict[int, float], float]:
        """The log-probability of each candidate production and of any one candidate variable at a hole.

        Productions of probability zero are omitted; for variables of probability zero the value is −inf.
        """
        number = context if self.contextual is not None else 0
        known = options.odds.get(number)
        if known is not None:
            return known
        weights = self._weight_sets[number]
        possible = {
            each: weights.log_weights[each] for each in options.productions if weights.log_weights[each] > IMPOSSIBLE
        }
        each_variable = weights.log_variable - math.log(len(options.variables)) if options.variables else IMPOSSIBLE
        total = log_sum_exp([*possible.values(), *([each_variable] * len(options.variables))])
        found = (
            {each: weight - total for each, weight in possible.items()},
            each_variable - total if each_variable > IMPOSSIBLE else IMPOSSIBLE,
        )
        options.odds[number] = found
        return found

    # --- scoring ---

    def choices(self, term: Term, request: Type) -> Iterator[Choice | None]:
        """Yield the choices of a term's derivation in the order of its holes; None, as the last, if there is none.

        Only an η-long β-normal term without ``#(…)`` has a derivation.
        """
        unifier = Unifier()
        numbers, contexts = self.numbers, self.argument_contexts
        stack: list[tuple[Term, Type, tuple[Type, ...], int]] = [(term, unifier.instantiate(request), (), START)]
        while stack:
            node, hole, environment, context = stack.pop()
            hole = unifier.apply(hole)
            while hole.is_arrow:
                if not isinstance(node, Lambda):
                    yield None
                    return
                assert isinstance(hole, TypeConstructor)
                environment = (hole.arguments[0], *environment)
                node, hole = node.body, hole.arguments[1]
            environment = unifier.apply_all(environment)
            options = self.options_at(hole, environment)
            head, arguments = spine(node)
            production = -1
            below: Sequence[int]
            if isinstance(head, Name):
                production = numbers.get(head.text, -1)
                if production not in options.numbers:
                    yield None
                    return
                parameters = self.parameters(unifier, production, hole)
                below = contexts[production]
            elif isinstance(head, Variable) and head.index in options.variables:
                parameters, result = split_arrow(environment[head.index])
                unifier.unify(result, hole)
                below = (VARIABLE,) * len(parameters)
            else:
                yield None
                return
            if len(parameters) != len(arguments):
                yield None
                return
            yield Choice(context, options, production)
            if arguments:
                holes = list(zip(arguments, parameters, below, strict=True))
                stack += [(part, parameter, environment, place) for part, parameter, place in reversed(holes)]

    def parameters(self, unifier: Unifier, production: int, hole: Type) -> Sequence[Type]:
        """Fill a hole with a fitting production and return the types of its arguments' holes, with fresh variables."""
        if hole.bound:
            parameters, result = split_arrow(unifier.instantiate(self.productions[production].type))
            unifier.unify(result, hole)
            return parameters
        # Without variables in the hole, the arguments' types depend only on the production: they are cached.
        known = self._parameters.get((production, hole))
        if known is None:
            alone = Unifier()
            parameters, result = split_arrow(alone.instantiate(self.productions[production].type))
            alone.unify(result, hole)
            known = canonical_all(alone.apply(parameter) for parameter in parameters)
            self._parameters[production, hole] = known
        return unifier.instantiate_all(known)

    def derivation(self, term: Term, request: Type) -> list[Choice] | None:
        """All choices of a term's derivation; None if the grammar cannot derive the term under any weights."""
        found: list[Choice] = []
        for choice in self.choices(term, request):
            if choice is None:
                return None
            found.append(choice)
        return found

    def log_probability(self, choices: Sequence[Choice]) -> float:
        """The log-probability (nats) of the choices of a derivation; −inf if one of them has probability zero."""
        total = 0.0
        for context, options, production in choices:
            of_production, of_variable = self.odds(options, context)
            total += of_variable if production < 0 else of_production.get(production, IMPOSSIBLE)
        return total

    def log_prior(self, term: Term, request: Type) -> float:
        """The log-probability (nats) of a term of type ``request``; −inf if the grammar cannot derive it.

        A term that is not in η-long β-normal form or not of the requested type cannot be derived either.
        """
        choices = self.derivation(term, request)
        return IMPOSSIBLE if choices is None else self.log_probability(choices)


def grammar_with_definitions(
    base: Mapping[str, Type], definitions: Mapping[str, Term], *, log_weight: float = 0.0
) -> Grammar:
    """A uniform grammar of primitives and abstractions, whose types are inferred in the given order."""
    types = dict(base)
    productions = [Production(name, kind, log_weight) for name, kind in base.items()]
    for name, definition in definitions.items():
        types[name] = infer(definition, types)
        productions.append(Production(name, types[name], log_weight, definition))
    return Grammar(tuple(productions), log_weight)

"""Drawing terms from a grammar, with a depth from which on every choice hurries to the end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, Final

from psynth.core.productions import IMPOSSIBLE, START, VARIABLE, GrammarError
from psynth.core.terms import Application, Lambda, Name, Term, Variable
from psynth.core.types import Type, TypeConstructor, canonical_all, split_arrow
from psynth.core.unification import Unifier

if TYPE_CHECKING:
    from psynth.core.grammars import Grammar

# A draw that runs into a hole that nothing fits is begun again, so often at most.
ATTEMPTS: Final = 100
# Nothing that needs deeper nesting than this to be finished counts as able to finish.
HURRY_LIMIT: Final = 12

Environment = tuple[Type, ...]


class _DeadEnd(Exception):
    """A hole that nothing fits."""


class Sampler:
    """Draws from one grammar, and remembers how deep what is begun at a hole must at least become."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._fastest: dict[tuple[tuple[Type, ...], int], frozenset[tuple[int, int]]] = {}
        self._finishes: dict[tuple[tuple[Type, ...], int, int], bool] = {}

    def draw(self, request: Type, rng: Random, max_depth: int) -> Term:
        """Draw a term of type ``request``: see ``Grammar.sample``."""
        for _ in range(ATTEMPTS):
            try:
                return self._attempt(request, rng, max_depth)
            except _DeadEnd:
                continue
        raise GrammarError(f"the grammar gives no program of type {request} (tried {ATTEMPTS} times)")

    def _attempt(self, request: Type, rng: Random, max_depth: int) -> Term:
        unifier = Unifier()
        results: list[Term] = []
        # To do: a hole (type, environment, context, depth), or what to build from the last results: a number of lambdas
        # around one, or a head applied to a number of arguments.
        stack: list[tuple[Type, Environment, int, int] | int | tuple[Term, int]] = [
            (unifier.instantiate(request), (), START, 1)
        ]
        while stack:
            entry = stack.pop()
            if isinstance(entry, int):
                for _ in range(entry):
                    results.append(Lambda(results.pop()))
                continue
            if len(entry) == 2:
                head, count = entry
                first = len(results) - count
                for argument in results[first:]:
                    head = Application(head, argument)
                results[first:] = [head]
                continue
            hole, environment, context, depth = entry
            hole, environment, lambdas = _enter(unifier, hole, environment)
            production, variable = self._choose(hole, environment, context, rng, hurry=depth >= max_depth)
            head, parameters, below = self._taken(unifier, hole, environment, production, variable)
            stack += (lambdas, (head, len(parameters)))
            holes = [
                (parameter, environment, VARIABLE if below is None else below[position], depth + 1)
                for position, parameter in enumerate(parameters)
            ]
            stack += reversed(holes)
        return results[0]

    def _taken(
        self, unifier: Unifier, hole: Type, environment: Environment, production: int, variable: int
    ) -> tuple[Term, Sequence[Type], tuple[int, ...] | None]:
        """Fill a hole: the head's term, and its arguments' types and contexts (None: those of a variable)."""
        if production < 0:
            parameters, result = split_arrow(environment[variable])
            unifier.unify(result, hole)
            return Variable(variable), parameters, None
        name = Name(self._grammar.productions[production].name)
        below = self._grammar.argument_contexts[production]
        return name, self._grammar.parameters(unifier, production, hole), below

    def _choose(
        self, hole: Type, environment: Environment, context: int, rng: Random, *, hurry: bool
    ) -> tuple[int, int]:
        """Draw what stands at a hole: a production's number, or −1 and a variable's index."""
        choices = self._choices(hole, environment, context)
        if hurry:
            quickest = self._quickest(hole, environment, context)
            choices = [each for each in choices if each in quickest]
        if not choices:
            raise _DeadEnd
        options = self._grammar.options_at(hole, environment)
        of_production, of_variable = self._grammar.odds(options, context)
        chances = [math.exp(of_variable if number < 0 else of_production[number]) for number, _ in choices]
        point = rng.random() * math.fsum(chances)
        for choice, chance in zip(choices, chances, strict=True):
            point -= chance
            if point < 0:
                return choice
        return choices[-1]

    def _quickest(self, hole: Type, environment: Environment, context: int) -> frozenset[tuple[int, int]]:
        """Of the choices at a hole those that can be finished in least depth."""
        key = canonical_all((hole, *environment))
        place = context if self._grammar.contextual is not None else 0
        known = self._fastest.get((key, place))
        if known is None:
            hole, environment = key[0], key[1:]
            choices = self._choices(hole, environment, context)
            for depth in range(1, HURRY_LIMIT + 1):
                known = frozenset([each for each in choices if self._can_finish(hole, environment, *each, depth)])
                if known:
                    break
            assert known is not None
            self._fastest[key, place] = known
        return known

    def _choices(self, hole: Type, environment: Environment, context: int) -> list[tuple[int, int]]:
        """What may stand at a hole with any probability: a production's number, or −1, and a variable's index."""
        options = self._grammar.options_at(hole, environment)
        of_production, of_variable = self._grammar.odds(options, context)
        choices = [(number, -1) for number in of_production]
        if of_variable > IMPOSSIBLE:
            choices += [(-1, index) for index in options.variables]
        return choices

    def _can_finish(self, hole: Type, environment: Environment, production: int, variable: int, depth: int) -> bool:
        """Whether a choice can be finished within ``depth`` levels, judging each of its arguments on its own."""
        unifier = Unifier(max([hole.bound, *(kind.bound for kind in environment)]))
        _, parameters, below = self._taken(unifier, hole, environment, production, variable)
        if not parameters:
            return True
        if depth <= 1:
            return False
        for position, parameter in enumerate(parameters):
            context = VARIABLE if below is None else below[position]
            inner_hole, inner_environment, _ = _enter(unifier, parameter, environment)
            if not self._hole_finishes(inner_hole, inner_environment, context, depth - 1):
                return False
        return True

    def _hole_finishes(self, hole: Type, environment: Environment, context: int, depth: int) -> bool:
        key = canonical_all((hole, *environment))
        place = context if self._grammar.contextual is not None else 0
        known = self._finishes.get((key, place, depth))
        if known is None:
            hole, environment = key[0], key[1:]
            choices = self._choices(hole, environment, context)
            known = any(self._can_finish(hole, environment, *each, depth) for each in choices)
            self._finishes[key, place, depth] = known
        return known


def _enter(unifier: Unifier, hole: Type, environment: Environment) -> tuple[Type, Environment, int]:
    """Go under the lambdas of a hole of function type: its inner type and environment, and how many there are."""
    hole = unifier.apply(hole)
    lambdas = 0
    while hole.is_arrow:
        assert isinstance(hole, TypeConstructor)
        environment = (hole.arguments[0], *environment)
        hole = hole.arguments[1]
        lambdas += 1
    return hole, tuple([unifier.apply(kind) if kind.bound else kind for kind in environment]), lambdas

"""Drawing terms from a grammar, with a depth from which on every choice hurries to the end."""

from __future__ import annotations

import math
from collections.abc import Iterable
from random import Random
from typing import TYPE_CHECKING, Final, TypeAlias

from psynth.core.calculus.productions import IMPOSSIBLE, START, VARIABLE, GrammarError
from psynth.core.calculus.terms import Application, Lambda, Name, Term, Variable
from psynth.core.calculus.types import Type, TypeConstructor, canonical_all, split_arrow
from psynth.core.calculus.unification import Unifier

if TYPE_CHECKING:
    from psynth.core.calculus.grammars import Grammar

# A draw that runs into a hole that nothing fits, or that does not end, is begun again, so often at most.
ATTEMPTS: Final = 100
# So many levels after it began to hurry, a draw counts as one that does not end.
OVERTIME: Final = 40

Environment: TypeAlias = tuple[Type, ...]
Choice: TypeAlias = tuple[int, int]
"""A production's number and −1, or −1 and a variable's index."""

Head: TypeAlias = str | None
"""The constructor that a type begins with; None for a type variable."""
Parameter: TypeAlias = tuple[Head, frozenset[Head]]
"""What an argument is made of, as far as depth goes: its return type's head, and those of what its lambdas bind."""
Shape: TypeAlias = tuple[Head, tuple[Parameter, ...]]
"""A production or variable: its return type's head, and its parameters."""


class _DeadEnd(Exception):
    """A hole that nothing fits, or a term that does not end."""


class Sampler:
    """Draws from one grammar, and remembers which choices finish soonest."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._shapes = frozenset(_shape(production.type) for production in grammar.productions)
        self._depths: dict[frozenset[Shape], dict[Head, int]] = {}
        self._quick: dict[tuple[tuple[Type, ...], int], frozenset[Choice]] = {}

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
            if depth > max_depth + OVERTIME:
                raise _DeadEnd
            hole, environment, lambdas = _enter(unifier, hole, environment)
            choice = self._choose(hole, environment, context, rng, hurry=depth >= max_depth)
            head, parameters, below = self._fill(unifier, hole, environment, choice)
            stack += (lambdas, (head, len(parameters)))
            stack += [
                (parameters[position], environment, below[position], depth + 1)
                for position in reversed(range(len(parameters)))
            ]
        return results[0]

    def _choose(self, hole: Type, environment: Environment, context: int, rng: Random, *, hurry: bool) -> Choice:
        """Draw what stands at a hole."""
        choices = self._choices(hole, environment, context)
        if hurry:
            quickest = self._quickest(hole, environment, context)
            choices = [each for each in choices if each in quickest]
        if not choices:
            raise _DeadEnd
        of_production, of_variable = self._grammar.odds(self._grammar.options_at(hole, environment), context)
        chances = [math.exp(of_variable if number < 0 else of_production[number]) for number, _ in choices]
        point = rng.random() * math.fsum(chances)
        for choice, chance in zip(choices, chances, strict=True):
            point -= chance
            if point < 0:
                return choice
        return choices[-1]

    def _choices(self, hole: Type, environment: Environment, context: int) -> list[Choice]:
        """What may stand at a hole with any probability."""
        options = self._grammar.options_at(hole, environment)
        of_production, of_variable = self._grammar.odds(options, context)
        choices = [(number, -1) for number in of_production]
        if of_variable > IMPOSSIBLE:
            choices += [(-1, index) for index in options.variables]
        return choices

    def _fill(
        self, unifier: Unifier, hole: Type, environment: Environment, choice: Choice
    ) -> tuple[Term, tuple[Type, ...], tuple[int, ...]]:
        """Fill a hole: the head's term, and its arguments' types and contexts."""
        production, variable = choice
        if production < 0:
            parameters, result = split_arrow(environment[variable])
            unifier.unify(result, hole)
            return Variable(variable), tuple(parameters), (VARIABLE,) * len(parameters)
        name = Name(self._grammar.productions[production].name)
        contexts = self._grammar.argument_contexts[production]
        return name, tuple(self._grammar.parameters(unifier, production, hole)), contexts

    # --- hurrying ---

    def _quickest(self, hole: Type, environment: Environment, context: int) -> frozenset[Choice]:
        """Of the choices at a hole those that seem to finish in least depth."""
        place = context if self._grammar.contextual is not None else 0
        key = canonical_all((hole, *environment))
        known = self._quick.get((key, place))
        if known is None:
            hole, environment = key[0], key[1:]
            depths = self._depths_within(environment)
            costs: dict[Choice, int] = {}
            for choice in self._choices(hole, environment, context):
                unifier = Unifier(max([kind.bound for kind in key]))
                _, parameters, _ = self._fill(unifier, hole, environment, choice)
                shapes = [_shape(unifier.apply(parameter)) for parameter in parameters]
                costs[choice] = _depth(((head, _bound(bound)) for head, bound in shapes), depths)
            least = min(costs.values(), default=0)
            known = frozenset([choice for choice, cost in costs.items() if cost == least])
            self._quick[key, place] = known
        return known

    def _depths_within(self, environment: Environment) -> dict[Head, int]:
        """A lower bound, for each head, on the depth of a term of such a type; None: of one that may have any type."""
        shapes = self._shapes | frozenset(_shape(kind) for kind in environment)
        known = self._depths.get(shapes)
        if known is None:
            known = {}
            changed = True
            while changed:
                changed = False
                for head, parameters in shapes:
                    depth = _depth(parameters, known)
                    if depth < known.get(head, _NEVER):
                        known[head] = depth
                        changed = True
            self._depths[shapes] = known
        return known


_NEVER: Final = 1_000_000


def _depth(parameters: Iterable[Parameter], depths: dict[Head, int]) -> int:
    """The least depth of something applied to arguments, given the least depths of terms by head."""
    deepest = 0
    for head, bound in parameters:
        if head is None or head in bound or None in bound:
            least = 1 if head is not None or bound else min(depths.values(), default=_NEVER)
        else:
            least = min(depths.get(head, _NEVER), depths.get(None, _NEVER))
        deepest = max(deepest, least)
    return min(deepest + 1, _NEVER)


def _shape(kind: Type) -> Shape:
    parameters, result = split_arrow(kind)
    described = []
    for parameter in parameters:
        inner, inner_result = split_arrow(parameter)
        described.append((_head(inner_result), frozenset(_head(each) for each in inner)))
    return _head(result), tuple(described)


def _bound(parameters: tuple[Parameter, ...]) -> frozenset[Head]:
    """What the lambdas of a hole of function type bind."""
    return frozenset(head for head, _ in parameters)


def _head(kind: Type) -> Head:
    return kind.name if isinstance(kind, TypeConstructor) else None


def _enter(unifier: Unifier, hole: Type, environment: Environment) -> tuple[Type, Environment, int]:
    """Go under the lambdas of a hole of function type: its inner type and environment, and how many there are."""
    hole = unifier.apply(hole)
    lambdas = 0
    while hole.is_arrow:
        assert isinstance(hole, TypeConstructor)
        environment = (hole.arguments[0], *environment)
        hole = hole.arguments[1]
        lambdas += 1
    return hole, unifier.apply_all(environment), lambdas

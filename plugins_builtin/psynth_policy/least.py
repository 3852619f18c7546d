"""How few words fill a hole: the bound by which a program under construction always fits into what words are left.

Type variables are filled in with one type that is easily made, the same in all holes, so that the programs that the
numbers stand for fit together. A hole for which the numbers say n can thus always be filled with n words, of which the
first leaves holes for which they say n - 1 in all: whoever chooses only words that keep the sum within what is left
never gets stuck. The promise holds for any set of words that count, as long as it depends on the hole alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from psynth.core.calculus.grammars import Grammar
from psynth.core.calculus.types import Type, TypeConstructor, return_of, split_arrow
from psynth.core.calculus.types import replace_variables as replaced
from psynth.core.calculus.unification import Unifier

CAPS = (6, 12, 24, 48)
"""Bounds on the words of the shortest fillings that are looked for, of which the first that is enough is used."""
LARGEST_TYPE = 12
"""Maximum number of nodes of the type of a hole in such a filling."""
MOST_KNOWN = 200_000
"""Maximum number of holes whose least number of words is kept."""
NEVER = 1 << 30
"""More words than any program has."""

_Node = tuple[Type, frozenset[Type]]


class _All(dict[int, Type]):
    """The same type for every type variable."""

    def __init__(self, kind: Type) -> None:
        self.kind = kind
        super().__init__()

    def get(self, key: int, default: object = None) -> Type:
        """The type."""
        return self.kind


class Least:
    """The least numbers of words for holes in one language, for programs of one type."""

    def __init__(self, grammar: Grammar, literals: tuple[Type, ...], request: Type) -> None:
        self._productions = tuple(each for each in grammar.productions if each.log_weight > float("-inf"))
        self._literals = literals
        self._makers: dict[tuple[str, int], list[Type]] = {}
        """The types of productions by the name of the type that they make, empty for any type, and number of parts."""
        for each in self._productions:
            parameters, result = split_arrow(each.type)
            name = result.name if isinstance(result, TypeConstructor) else ""
            self._makers.setdefault((name, len(parameters)), []).append(each.type)
        self._made = {name for name, _ in self._makers} | {
            each.name for each in literals if isinstance(each, TypeConstructor)
        }
        self._known: dict[_Node, tuple[int, bool]] = {}
        self._candidates: dict[tuple[_Node, int], list[tuple[_Node, ...]]] = {}
        self._of_type: dict[tuple[Type, int], list[tuple[Type, ...]]] = {}
        self._grounded: dict[Type, Type] = {}
        self._environments: dict[tuple[Type, ...], frozenset[Type]] = {}
        for cap, filler in itertools.product(CAPS, self._fillers(request)):
            self._cap, self._bindings = cap, _All(filler)
            self._forget()
            self.of_request = self.of(request, ())
            if self.of_request <= cap:
                break

    def of(self, hole: Type, environment: tuple[Type, ...]) -> int:
        """The least number of words for a hole, `NEVER` if it is greater than the bound.

        The unifier's substitution must have been applied to the type and to those of the variables.
        """
        if len(self._known) > MOST_KNOWN:
            self._forget()
        kind = self._grounded_type(hole)
        return NEVER if kind.size > LARGEST_TYPE else self._at(kind, self._grounded_environment(environment))

    def _forget(self) -> None:
        for cache in (self._known, self._candidates, self._of_type, self._grounded, self._environments):
            cache.clear()

    def _at(self, kind: Type, environment: frozenset[Type]) -> int:
        node = _body(kind, environment)
        known = self._known.get(node)
        if known is not None and known[1]:
            return known[0]
        return self._within(node, self._cap)

    def _within(self, node: _Node, limit: int) -> int:
        """The least number of words for a hole that is no function, `NEVER` if it is greater than ``limit``."""
        least, exact = self._known.get(node, (1, False))
        while not exact and least <= limit:
            best = self._search(node, least)
            exact = best == least
            if not exact:
                least += 1
            self._known[node] = least, exact
        return least if exact and least <= limit else NEVER

    def _search(self, node: _Node, limit: int) -> int:
        """``limit`` if so many words are enough for a hole, `NEVER` otherwise; less is known not to be enough."""
        for count in range(limit):
            for parts in self._candidates_of(node, count):
                left = limit - 1 - count
                for part in parts:
                    left -= self._within(part, left + 1) - 1
                    if left < 0:
                        break
                else:
                    return limit
        return NEVER

    def _candidates_of(self, node: _Node, count: int) -> list[tuple[_Node, ...]]:
        """For each word with so many parts that counts for a hole, the holes of its parts."""
        found = self._candidates.get((node, count))
        if found is None:
            kind, environment = node
            parts = [*self._by_type(kind, count), *_of_variables(kind, environment, count)]
            distinct = {tuple([_body(part, environment) for part in each]) for each in parts}
            found = self._candidates[node, count] = list(distinct)
        return found

    def _by_type(self, kind: Type, count: int) -> list[tuple[Type, ...]]:
        """The types of the parts of each production and literal that makes a value of a type.

        Productions of any type, as the first of a list, lead to ever larger types, which would take long to try. They
        count only for a type that no other production makes.
        """
        found = self._of_type.get((kind, count))
        if found is None:
            assert isinstance(kind, TypeConstructor)
            found = (
                [()] if not count and any(Unifier(each.bound).try_unify(each, kind) for each in self._literals) else []
            )
            name = kind.name if kind.name in self._made else ""
            found += self._parts(self._makers.get((name, count), ()), kind)
            self._of_type[kind, count] = found
        return found

    def _parts(self, makers: Sequence[Type], kind: Type) -> Iterator[tuple[Type, ...]]:
        """Yield the types of the parts of each production that makes a type, unless they are too large."""
        for maker in makers:
            # The type to make has no variables, so that those of the maker need no renaming.
            unifier = Unifier(maker.bound)
            parameters, result = split_arrow(maker)
            if unifier.try_unify(result, kind):
                parts = tuple([self._grounded_type(unifier.apply(each)) for each in parameters])
                if all(part.size <= LARGEST_TYPE for part in parts):
                    yield parts

    def _grounded_type(self, kind: Type) -> Type:
        if not kind.bound:
            return kind
        found = self._grounded.get(kind)
        if found is None:
            found = self._grounded[kind] = replaced(kind, self._bindings, chase=False)
        return found

    def _grounded_environment(self, environment: tuple[Type, ...]) -> frozenset[Type]:
        found = self._environments.get(environment)
        if found is None:
            found = self._environments[environment] = frozenset(map(self._grounded_type, environment))
        return found

    def _fillers(self, request: Type) -> list[Type]:
        """Types without parts, those of constants first, then of the program's arguments.

        Only such a type keeps the promise: a variable that it stands for is never bound to a part of it.
        """
        types = [each.type for each in self._productions]
        constants = [each for each in types if not each.is_arrow]
        found = [*constants, *split_arrow(request)[0], *map(return_of, types)]
        atoms = [each for each in found if isinstance(each, TypeConstructor) and not each.arguments]
        return list(dict.fromkeys(atoms)) or [TypeConstructor("unit")]


def _body(kind: Type, environment: frozenset[Type]) -> _Node:
    """The hole below the lambdas of a hole."""
    while kind.is_arrow:
        assert isinstance(kind, TypeConstructor)
        parameter, kind = kind.arguments
        if parameter not in environment:
            environment = environment | {parameter}
    return kind, environment


def _of_variables(kind: Type, environment: frozenset[Type], count: int) -> Iterator[tuple[Type, ...]]:
    """Yield the types of the parts of each variable with so many parts that makes a value of a type."""
    for each in environment:
        parameters, result = split_arrow(each)
        if result is kind and len(parameters) == count:
            yield tuple(parameters)

"""Resolution of overloaded names: for each, the first of its types with which the whole term is well typed.

The constraints are those of Hindley–Milner without let. An occurrence of an overloaded name has a fresh type, which is
unified with a candidate's once no other is left; then the occurrence with the fewest candidates is tried.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from psynth.core.calculus.terms import Application, Lambda, Name, Term, Variable
from psynth.core.calculus.types import Type, TypeConstructor, TypeVariable, arrow
from psynth.core.calculus.unification import Unifier

Overloads: TypeAlias = Mapping[str, Sequence[tuple[str, Type]]]
"""For each name, the names that it may stand for, the first preferred, with their types."""
STEPS: Final = 3_000
"""The greatest number of types tried in one search."""
MOST_NAMES: Final = 1_000
"""The greatest number of names of a term for which few casts are sought; a longer ill-typed term has one at each."""


def resolve(term: Term, overloads: Overloads, request: Type) -> Term | None:
    """The term with every name resolved, so that it has the type ``request``; None if no types fit."""
    search = _Search(overloads, ())
    return search.resolved(term) if search.solves(term, request) else None


def resolve_with_casts(term: Term, overloads: Overloads, request: Type, cast: str) -> Term | None:
    """The term with every name resolved, and some applied to ``cast``, which gives them any type.

    One cast if that is enough, and otherwise as many as are left when all that can be are taken away, from the first to
    the last. Names are tried first where the search without casts got stuck most often. None if not even casts help.
    """
    stuck = _Search(overloads, ())
    stuck.solves(term, request)
    places = sorted(range(len(stuck.holes)), key=lambda place: (-stuck.blamed[place], place))

    def search(casts: Sequence[int]) -> _Search | None:
        made = _Search(overloads, casts)
        return made if made.solves(term, request) else None

    found = None
    if len(places) <= MOST_NAMES:
        found = next(filter(None, (search((place,)) for place in places)), None)
    if found is None:
        found = search(places)
        for place in sorted(places) if found is not None and len(places) <= MOST_NAMES else ():
            assert found is not None
            found = search([each for each in found.casts if each != place]) or found
    return None if found is None else found.resolved(term, cast)


@dataclass
class _Branch:
    """A choice between candidates, with the state to return to for the next of them."""

    place: int
    candidates: list[str]
    mark: int
    remaining: frozenset[int]
    chosen: dict[int, str]


@dataclass
class _Search:
    overloads: Overloads
    casts: Sequence[int]
    unifier: Unifier = field(default_factory=Unifier)
    holes: list[tuple[str, Type]] = field(default_factory=list)
    """The name and the type of each occurrence, in order."""
    chosen: dict[int, str] = field(default_factory=dict)
    steps: int = 0
    blamed: Counter[int] = field(default_factory=Counter)
    """How often no candidate was left for each occurrence."""

    def solves(self, term: Term, request: Type) -> bool:
        """Choose a candidate for every name of a term; whether a way is found within the limit of steps."""
        return self._constrain(term, request) and self._solve()

    def resolved(self, term: Term, cast: str | None = None) -> Term:
        """The term in the names chosen."""
        return _renamed(term, self.chosen, self.casts, cast)

    def _constrain(self, term: Term, request: Type) -> bool:
        """Collect the constraints of a term; whether those without names can be met."""
        values: list[Type] = []
        environment: list[Type] = []
        stack: list[tuple[Term, bool]] = [(term, False)]
        while stack:
            node, complete = stack.pop()
            if isinstance(node, Application):
                if not complete:
                    stack += ((node, True), (node.argument, False), (node.function, False))
                    continue
                argument, result = values.pop(), self.unifier.fresh()
                if not self.unifier.try_unify(values.pop(), arrow(argument, result)):
                    return False
                values.append(result)
            elif isinstance(node, Lambda):
                if not complete:
                    environment.append(self.unifier.fresh())
                    stack += ((node, True), (node.body, False))
                    continue
                values.append(arrow(environment.pop(), values.pop()))
            elif isinstance(node, Variable):
                values.append(environment[-1 - node.index])
            else:
                assert isinstance(node, Name)
                self.holes.append((node.text, self.unifier.fresh()))
                values.append(self.holes[-1][1])
        return self.unifier.try_unify(values[0], request)

    def _solve(self) -> bool:
        self.chosen = {place: self._candidates(place)[0] for place in self.casts}
        remaining = frozenset(range(len(self.holes))) - frozenset(self.casts)
        branches: list[_Branch] = []
        while self.steps < STEPS:
            left = self._propagate(remaining)
            if left:
                place, candidates = min(left.items(), key=lambda item: (len(item[1]), item[0]))
                branches.append(
                    _Branch(place, candidates, self.unifier.mark(), frozenset(left) - {place}, dict(self.chosen))
                )
            elif left is not None:
                return True
            while branches and not branches[-1].candidates:
                branches.pop()
            if not branches:
                return False
            branch = branches[-1]
            self.unifier.undo(branch.mark)
            self.chosen, remaining = dict(branch.chosen), branch.remaining
            self._fits(branch.place, branch.candidates[0], keep=True)
            self.chosen[branch.place] = branch.candidates.pop(0)
        return False

    def _propagate(self, remaining: frozenset[int]) -> dict[int, list[str]] | None:
        """Choose where only one candidate fits, until there is no such place; None where none fits.

        Returns the places left with their candidates, at least two each.
        """
        left = {place: self._candidates(place) for place in sorted(remaining)}
        if not self.chosen.keys() - set(self.casts):
            for place, candidates in left.items():
                self._know(place, candidates)
        changed = True
        while changed:
            changed = False
            for place, candidates in list(left.items()):
                fitting = [each for each in candidates if self._fits(place, each)]
                if not fitting:
                    self.blamed[place] += 1
                    return None
                if len(fitting) == 1:
                    self._fits(place, fitting[0], keep=True)
                    self.chosen[place] = fitting[0]
                    del left[place]
                    changed = True
                elif fitting != candidates:
                    left[place] = fitting
                    self._know(place, fitting)
                    changed = True
        return left

    def _know(self, place: int, candidates: Sequence[str]) -> None:
        """Unify the type of an occurrence with what its candidates have in common."""
        name, kind = self.holes[place]
        types = dict(self.overloads[name])
        shared = in_common(tuple(types[each] for each in candidates))
        # Each candidate fits alone, so what they have in common does.
        self.unifier.try_unify(kind, self.unifier.instantiate(shared))

    def _candidates(self, place: int) -> list[str]:
        return [name for name, _ in self.overloads[self.holes[place][0]]]

    def _fits(self, place: int, candidate: str, *, keep: bool = False) -> bool:
        """Whether the type of a candidate can be that of an occurrence; with ``keep`` it is, from then on."""
        self.steps += 1
        name, kind = self.holes[place]
        mark = self.unifier.mark()
        fits = self.unifier.try_unify(kind, self.unifier.instantiate(dict(self.overloads[name])[candidate]))
        if not keep:
            self.unifier.undo(mark)
        return fits


@functools.cache
def in_common(kinds: tuple[Type, ...]) -> Type:
    """The least general type that all of several types are instances of (Plotkin's anti-unification)."""
    variables: dict[tuple[Type, ...], Type] = {}

    def generalized(parts: tuple[Type, ...]) -> Type:
        heads = {(each.name, len(each.arguments)) if isinstance(each, TypeConstructor) else None for each in parts}
        if len(heads) > 1 or None in heads:
            return variables.setdefault(parts, TypeVariable(len(variables)))
        arguments = zip(*(each.arguments for each in parts if isinstance(each, TypeConstructor)), strict=True)
        [(name, _)] = [head for head in heads if head is not None]
        return TypeConstructor(name, tuple(map(generalized, arguments)))

    return generalized(kinds)


def _names(term: Term) -> list[str]:
    """The names of a term, occurrence by occurrence, functions before arguments."""
    found: list[str] = []
    stack = [term]
    while stack:
        node = stack.pop()
        if isinstance(node, Application):
            stack += (node.argument, node.function)
        elif isinstance(node, Lambda):
            stack.append(node.body)
        elif isinstance(node, Name):
            found.append(node.text)
    return found


def _renamed(term: Term, chosen: Mapping[int, str], casts: Sequence[int], cast: str | None) -> Term:
    """The term with each occurrence of a name replaced by that chosen for it."""
    place = -1
    values: list[Term] = []
    stack: list[tuple[Term, bool]] = [(term, False)]
    while stack:
        node, complete = stack.pop()
        if isinstance(node, Application):
            if not complete:
                stack += ((node, True), (node.argument, False), (node.function, False))
                continue
            argument = values.pop()
            values.append(Application(values.pop(), argument))
        elif isinstance(node, Lambda):
            if not complete:
                stack += ((node, True), (node.body, False))
                continue
            values.append(Lambda(values.pop()))
        elif isinstance(node, Name):
            place += 1
            name = Name(chosen[place])
            values.append(Application(Name(cast), name) if cast is not None and place in casts else name)
        else:
            values.append(node)
    return values[0]

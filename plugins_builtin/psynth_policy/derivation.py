"""A program under construction: its open holes with their types, and which words may come next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from psynth.core.calculus.grammars import Options
from psynth.core.calculus.terms import Application, Lambda, Name, Term, Variable, abstract, apply_to
from psynth.core.calculus.types import Type, TypeConstructor, canonical_all, split_arrow
from psynth.core.calculus.unification import Unifier
from psynth_policy.language import Language, let_type, variable_index
from psynth_policy.least import NEVER, Least

MOST_CACHED = 50_000
"""Maximum number of masks kept."""


@dataclass(slots=True)
class Hole:
    """An open hole, and its ``least`` number of words when the unifier had ``known_at`` bindings.

    Without variables in its types that is so for any number of them (None).
    """

    kind: Type
    environment: tuple[Type, ...]
    least: int = 0
    known_at: int | None = -1


@dataclass(frozen=True, slots=True)
class _Step:
    """A word of the program, the lambdas before it and the number of parts after it."""

    word: int
    lambdas: int
    parts: int


class Typing:
    """What all programs of one type in one language share: which words fit which holes, and how few finish them."""

    def __init__(self, language: Language, request: Type) -> None:
        self.language, self.request = language, request
        grammar = language.grammar
        words = language.words
        self.production: list[int] = [grammar.numbers.get(word, -1) for word in words]
        self.variable: list[int | None] = [variable_index(word) for word in words]
        self.let: list[Type | None] = [let_type(word) for word in words]
        self.literal: list[Type | None] = [None] * len(words)
        if language.literal_type is not None:
            for number, word in enumerate(words):
                if self.production[number] < 0 and self.variable[number] is None and self.let[number] is None:
                    self.literal[number] = language.literal_type(word)
        kinds = tuple(dict.fromkeys(each for each in self.literal if each is not None))
        self.least = Least(grammar, kinds, request)
        self._words_of = {production: number for number, production in enumerate(self.production) if production >= 0}
        self._variables_of = {index: number for number, index in enumerate(self.variable) if index is not None}
        self._by_hole: dict[Type, Any] = {}
        self._masks: dict[tuple[Type, ...], Any] = {}

    def fitting(self, hole: Type, environment: tuple[Type, ...]) -> Any:
        """The words that fit a hole that is no function, as a boolean array."""
        key = canonical_all((hole, *environment))
        found = self._masks.get(key)
        if found is None:
            options = self.language.grammar.options_at(key[0], key[1:])
            found = self._without_variables(key[0], options).copy()
            found[[self._variables_of[index] for index in options.variables if index in self._variables_of]] = True
            if len(self._masks) > MOST_CACHED:
                self._masks.clear()
            self._masks[key] = found
        return found

    def _without_variables(self, hole: Type, options: Options) -> Any:
        """The words other than variables that fit a hole, which do not depend on its environment."""
        found = self._by_hole.get(hole)
        if found is None:
            # Any value may be shared before what fills the hole.
            found = self._by_hole[hole] = np.array([each is not None for each in self.let], dtype=bool)
            found[[self._words_of[each] for each in options.productions if each in self._words_of]] = True
            for word, kind in enumerate(self.literal):
                found[word] |= kind is not None and Unifier(hole.bound).try_unify(kind, hole)
        return found


@dataclass(slots=True)
class Derivation:
    """A program of a type, word by word; ``limit`` is the maximum number of its words."""

    typing: Typing
    limit: int
    unifier: Unifier = field(default_factory=Unifier)
    holes: list[Hole] = field(default_factory=list)
    steps: list[_Step] = field(default_factory=list)
    _lambdas: int = 0

    def __post_init__(self) -> None:
        self._push([(self.unifier.instantiate(self.typing.request), ())])
        self._enter()

    @property
    def complete(self) -> bool:
        """Whether nothing is open."""
        return not self.holes

    @property
    def possible(self) -> bool:
        """Whether some program fits into the limit."""
        return self.typing.least.of_request <= self.limit

    def fitting(self) -> Any:
        """The words of which each fits the next hole by its type: a boolean array. Not all of them may be chosen."""
        hole = self.holes[-1]
        return self.typing.fitting(hole.kind, hole.environment)

    def choose(self, word: int, *, bounded: bool = True) -> bool:
        """Add a fitting word; False, without any change, if the program could then not be finished within the limit.

        Without ``bounded`` the limit does not count.
        """
        unifier = self.unifier
        hole = self.holes.pop()
        mark, fresh = unifier.mark(), unifier.next_variable
        parts = self._parts(word, hole)
        before = [(each.least, each.known_at) for each in self.holes]
        self._push(parts)
        left = self.limit - len(self.steps) - 1
        if not bounded or self._needed() <= left:
            self.steps.append(_Step(word, self._lambdas, len(parts)))
            self._enter()
            return True
        del self.holes[len(before) :]
        for each, (least, known_at) in zip(self.holes, before, strict=True):
            each.least, each.known_at = least, known_at
        unifier.undo(mark)
        unifier.next_variable = fresh
        self.holes.append(hole)
        return False

    def accepts(self, word: int) -> bool:
        """Add a word that fits, whatever the limit; False, without any change, if it does not fit."""
        return not self.complete and bool(self.fitting()[word]) and self.choose(word, bounded=False)

    def term(self) -> Term:
        """The program, once it is complete."""
        words = self.typing.language.words
        results: list[Term] = []
        for step in reversed(self.steps):
            parts = [results.pop() for _ in range(step.parts)]
            if self.typing.let[step.word] is not None:
                value, body = parts
                made: Term = Application(Lambda(body), value)
            else:
                index = self.typing.variable[step.word]
                head: Term = Name(words[step.word]) if index is None else Variable(index)
                made = apply_to(head, *parts)
            results.append(abstract(step.lambdas, made))
        return results[0]

    def _parts(self, word: int, hole: Hole) -> list[tuple[Type, tuple[Type, ...]]]:
        """The holes that follow a word, from left to right."""
        typing, unifier, environment = self.typing, self.unifier, hole.environment
        production = typing.production[word]
        if production >= 0:
            parameters = typing.language.grammar.parameters(unifier, production, hole.kind)
            return [(each, environment) for each in parameters]
        index = typing.variable[word]
        if index is not None:
            of_variable, result = split_arrow(environment[index])
            unifier.unify(result, hole.kind)
            return [(each, environment) for each in of_variable]
        shared = typing.let[word]
        if shared is not None:
            value = unifier.instantiate(shared)
            return [(value, environment), (hole.kind, (value, *environment))]
        literal = typing.literal[word]
        assert literal is not None
        unifier.unify(literal, hole.kind)
        return []

    def _push(self, parts: list[tuple[Type, tuple[Type, ...]]]) -> None:
        for kind, environment in reversed(parts):
            self.holes.append(Hole(kind, environment))

    def _needed(self) -> int:
        """The least number of words that fill all open holes."""
        total, bindings = 0, self.unifier.mark()
        for hole in self.holes:
            if hole.known_at is not None and hole.known_at != bindings:
                kind, environment = self.unifier.apply(hole.kind), self.unifier.apply_all(hole.environment)
                hole.least = self.typing.least.of(kind, environment)
                fixed = not kind.bound and not any(each.bound for each in environment)
                hole.known_at = None if fixed else bindings
            total += hole.least
            if total >= NEVER:
                return NEVER
        return total

    def _enter(self) -> None:
        """Go below the lambdas of the next hole."""
        self._lambdas = 0
        if not self.holes:
            return
        hole = self.holes[-1]
        kind, environment = self.unifier.apply(hole.kind), self.unifier.apply_all(hole.environment)
        while kind.is_arrow:
            assert isinstance(kind, TypeConstructor)
            environment = (kind.arguments[0], *environment)
            kind = kind.arguments[1]
            self._lambdas += 1
        self.holes[-1] = Hole(kind, environment, hole.least, hole.known_at)

"""A grammar (GBNF, as llama.cpp reads it) of the typed λ-terms of a library up to a depth: its texts are programs.

A rule stands for a hole: its type, the types of the variables in scope, its context, and how many applications may
still be nested. Polymorphic productions are instantiated with the types that occur in the request and the library.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from psynth.core.calculus.grammars import Grammar
from psynth.core.calculus.productions import START, VARIABLE
from psynth.core.calculus.types import Type, TypeConstructor, replace_variables, split_arrow
from psynth.core.calculus.unification import Unifier

MOST_RULES = 3000
"""Maximum number of rules: a model's server reads a grammar with every request."""
_Hole = tuple[Type, tuple[Type, ...], int, int]


class TooManyRules(Exception):
    """The terms up to a depth need more rules than a server should read."""


def term_grammar(grammar: Grammar, request: Type, depth: int) -> tuple[str, int] | None:
    """The grammar of η-long terms of type ``request``, and its depth: at most ``depth``, less where rules are too many.

    None if there are no such terms, or too many rules at any depth.
    """
    for allowed in range(depth, -1, -1):
        rules = _Rules(grammar, request)
        try:
            root = rules.rule((request, (), allowed, START))
        except TooManyRules:
            continue
        if root is None:
            return None
        return "\n".join([f"root ::= {root}", *rules.lines()]) + "\n", allowed
    return None


class _Rules:
    """The rules that the holes of terms need."""

    def __init__(self, grammar: Grammar, request: Type) -> None:
        self._grammar = grammar
        self._universe = sorted(_ground_types(grammar, request), key=str)
        self._names: dict[_Hole, str | None] = {}
        self._right: dict[tuple[str, ...], str] = {}

    def lines(self) -> Iterator[str]:
        """Yield each rule, those that others need first."""
        return (f"{name} ::= {' | '.join(alternatives)}" for alternatives, name in self._right.items())

    def rule(self, hole: _Hole) -> str | None:
        """The name of the rule of a hole; None if nothing fits."""
        kind, environment, depth, context = hole
        if self._grammar.contextual is None:
            hole = (kind, environment, depth, START)
        if hole not in self._names:
            alternatives = tuple(self._alternatives(kind, environment, depth, context))
            # Holes with the same alternatives share a rule.
            self._names[hole] = self._right.setdefault(alternatives, f"r{len(self._right)}") if alternatives else None
            if len(self._right) > MOST_RULES:
                raise TooManyRules
        return self._names[hole]

    def _alternatives(self, kind: Type, environment: tuple[Type, ...], depth: int, context: int) -> Iterator[str]:
        if isinstance(kind, TypeConstructor) and kind.is_arrow:
            parameter, result = kind.arguments
            body = self.rule((result, (parameter, *environment), depth, context))
            if body is not None:
                yield f'"(lambda " {body} ")"'
            return
        options = self._grammar.options_at(kind, environment)
        of_production, of_variable = self._grammar.odds(options, context)
        for number in of_production:
            name = self._grammar.productions[number].name
            for parameters in self._parameters(number, kind):
                yield from self._application(
                    name, parameters, environment, depth, self._grammar.argument_contexts[number]
                )
        for index in options.variables if of_variable > float("-inf") else ():
            parameters, _ = split_arrow(environment[index])
            contexts = (VARIABLE,) * len(parameters)
            yield from self._application(f"${index}", parameters, environment, depth, contexts)

    def _parameters(self, number: int, kind: Type) -> Iterator[Sequence[Type]]:
        """Yield the types of a production's arguments for a result, with every choice for free type variables."""
        unifier = Unifier()
        parameters = unifier.apply_all(tuple(self._grammar.parameters(unifier, number, kind)))
        free = sorted({index for each in parameters for index in _variables(each)})
        for choice in itertools.product(self._universe, repeat=len(free)):
            bindings = dict(zip(free, choice, strict=True))
            yield [replace_variables(each, bindings, chase=False) if bindings else each for each in parameters]

    def _application(
        self, head: str, parameters: Sequence[Type], environment: tuple[Type, ...], depth: int, contexts: Sequence[int]
    ) -> Iterator[str]:
        if not parameters:
            yield _quoted(head)
        elif depth > 0:
            holes = ((each, environment, depth - 1, place) for each, place in zip(parameters, contexts, strict=True))
            parts: list[str] = []
            for hole in holes:
                rule = self.rule(hole)
                if rule is None:
                    return
                parts.append(rule)
            blank = ' " " '
            yield f"{_quoted(f'({head} ')} {blank.join(parts)} {_quoted(')')}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _variables(kind: Type) -> Iterator[int]:
    """Yield the numbers of the type variables of a type."""
    if isinstance(kind, TypeConstructor):
        for argument in kind.arguments:
            yield from _variables(argument)
    else:
        yield kind.bound - 1


def _ground_types(grammar: Grammar, request: Type) -> set[Type]:
    """The types without variables and arrows that occur in the request and the types of productions."""
    found: set[Type] = set()
    pending = [request, *(each.type for each in grammar.productions)]
    while pending:
        kind = pending.pop()
        if isinstance(kind, TypeConstructor):
            pending += kind.arguments
            if not kind.is_arrow and not kind.bound:
                found.add(kind)
    return found

"""From λ-terms to straight-line programs: applied lambdas become lines, and other lambdas combinators."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

from psynth.core.calculus.normal_forms import eta_normal, expand
from psynth.core.calculus.substitution import contract, free_variables, shift
from psynth.core.calculus.terms import (
    Application,
    Lambda,
    Name,
    Term,
    Variable,
    apply_to,
    fold,
    parse_term,
    rebuild,
    spine,
)
from psynth.core.errors import InputError
from psynth.core.stream.records import Library
from psynth_arc.arities import primitive_arities, with_kinds_of_rbind
from psynth_arc.language import CAST, published_name
from psynth_arc.straight_line import MOST_LINES, NAMES, Function, Line

INPUT = "I"
LBIND, COMPOSE, FORK = (Name(each) for each in ("lbind", "compose", "fork"))
BINDINGS = ("rbind.2", "rbind.3", "rbind.4")
"""Productions whose kind a reader infers from the arity of the function bound."""


def function_of(key: str, program: str, library: Library) -> Function:
    """The straight-line form of a λ-term of a library, whose abstractions are expanded.

    InputError if it has none: a function of two arguments, or one that uses its argument in more than two others.
    """
    definitions = {
        each.name: parse_term(each.definition) for each in library.productions if each.definition is not None
    }
    try:
        term = eta_normal(_without_casts(expand(parse_term(program), definitions)))
        return _Writer(primitive_arities(library)).function(key, term)
    except RecursionError:
        raise InputError("the program is nested too deeply") from None


def _without_casts(term: Term) -> Term:
    """The term in published names, with what casts are applied to instead of them."""

    def combine(node: Term, parts: tuple[Term, ...]) -> Term:
        if isinstance(node, Name):
            return node if node.text in BINDINGS else Name(published_name(node.text))
        if isinstance(node, Application) and parts[0] is Name(CAST):
            return parts[1]
        return rebuild(node, parts)

    return fold(term, combine)


@dataclass
class _Writer:
    """Writes lines; ``arities`` has the number of arguments of each primitive."""

    arities: dict[str, int]
    lines: list[Line] = field(default_factory=list)
    written: dict[tuple[str, ...], str] = field(default_factory=dict)
    """The variable of each right side, so that no two lines are equal."""

    def function(self, key: str, term: Term) -> Function:
        """The program that a term is; it may lack the lambda of its input."""
        body = term.body if isinstance(term, Lambda) else Application(term, Variable(0))
        result = self._value(body, (INPUT,))
        if self.lines and self.lines[-1].name == result:
            last = self.lines.pop()
            result = "O"
            self.lines.append(Line(result, last.function, last.arguments))
        return self._published(Function(key, INPUT, tuple(self.lines), result))

    def _published(self, function: Function) -> Function:
        """The program with ``rbind`` for its kinds; InputError where a reader would take another kind."""
        lines = [
            Line(each.name, published_name(each.function), tuple(map(published_name, each.arguments)))
            for each in function.lines
        ]
        published = dataclasses.replace(function, lines=tuple(lines), result=published_name(function.result))
        for meant, read in zip(function.lines, with_kinds_of_rbind(published, self.arities).lines, strict=True):
            names = zip((meant.function, *meant.arguments), (read.function, *read.arguments), strict=True)
            if any(one != other for one, other in names if one in BINDINGS and other in BINDINGS):
                raise InputError(f"{meant.function} of a function of more arguments, which Python would bind otherwise")
        return published

    def _value(self, term: Term, variables: Sequence[str]) -> str:
        """The name of a value, after the lines that make it; ``variables`` are those in scope, the innermost first."""
        while True:
            head, arguments = spine(term)
            if not isinstance(head, Lambda):
                break
            if not arguments:
                return self._value(self._combined(term), variables)
            # A function is written where it is used: a line holds one only in the form of combinators.
            value, *others = arguments
            if isinstance(value, Lambda):
                term = apply_to(contract(head.body, value), *others)
                continue
            variables = (self._value(value, variables), *variables)
            term = apply_to(head.body, *(shift(each, 1) for each in others))
        if isinstance(head, Variable):
            return self._called(variables[head.index], None, arguments, variables)
        assert isinstance(head, Name)
        if published_name(head.text) not in NAMES:
            raise InputError(f"{head.text} has no published name")
        return self._called(head.text, self.arities[published_name(head.text)], arguments, variables)

    def _called(self, function: str, arity: int | None, arguments: Sequence[Term], variables: Sequence[str]) -> str:
        """The value of a function applied to arguments, as many as it takes, fewer or more."""
        if not arguments:
            return function
        names = [self._value(each, variables) for each in arguments]
        if arity is not None and len(names) < arity:
            for name in names:
                function = self._line("lbind", (function, name))
            return function
        count = len(names) if arity is None else arity
        made = self._line(function, tuple(names[:count]))
        return self._line(made, tuple(names[count:])) if names[count:] else made

    def _line(self, function: str, arguments: tuple[str, ...]) -> str:
        key = (function, *arguments)
        if key not in self.written:
            if len(self.lines) >= MOST_LINES:
                raise InputError(f"the program has over {MOST_LINES} calls")
            self.written[key] = f"x{len(self.lines) + 1}"
            self.lines.append(Line(self.written[key], function, arguments))
        return self.written[key]

    def _combined(self, term: Term) -> Term:
        """A function without lambdas: combinators do what its variable did (Schönfinkel's elimination)."""
        assert isinstance(term, Lambda)
        body = self._combined(term.body) if isinstance(term.body, Lambda) else term.body
        if isinstance(body, Variable) and body.index == 0:
            return Name("identity")
        if 0 not in free_variables(body):
            return apply_to(LBIND, apply_to(LBIND, Name("branch"), Name("T")), shift(body, -1))
        head, arguments = spine(body)
        if isinstance(head, Lambda):
            return self._combined(eta_normal(Lambda(apply_to(contract(head.body, arguments[0]), *arguments[1:]))))
        if not arguments or 0 in free_variables(head):
            raise InputError("a function applies its argument, which combinators cannot")
        arity = (
            self.arities.get(published_name(head.text), len(arguments)) if isinstance(head, Name) else len(arguments)
        )
        if len(arguments) < arity:
            head, arguments = LBIND, [apply_to(head, *arguments[:-1]), arguments[-1]]
        elif len(arguments) > arity:
            head, arguments = apply_to(head, *arguments[:arity]), arguments[arity:]
            if 0 in free_variables(head):
                raise InputError("a function makes another of its argument and calls it, which combinators cannot")
        return self._composed(shift(head, -1), arguments)

    def _composed(self, function: Term, arguments: Sequence[Term]) -> Term:
        """What applies ``function`` to arguments that depend on the variable ``$0``, or some of which do."""
        left = list(arguments)
        while len(left) > 1:
            if 0 not in free_variables(left[-1]):
                function = apply_to(Name(f"rbind.{len(left)}"), function, shift(left.pop(), -1))
            elif 0 not in free_variables(left[0]):
                function = apply_to(LBIND, function, shift(left.pop(0), -1))
            elif len(left) == 2:
                return apply_to(FORK, function, *(self._combined(Lambda(each)) for each in left))
            else:
                raise InputError("a function needs its argument in more than two others, which combinators cannot")
        [argument] = left
        if argument is Variable(0):
            return function
        return apply_to(COMPOSE, function, self._combined(Lambda(argument)))

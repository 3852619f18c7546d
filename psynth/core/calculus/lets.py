"""Shared values, ``((lambda body) value)``, as calls of a name, so that what reduces terms leaves them alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from psynth.core.calculus.normal_forms import STEP_LIMIT, beta_normal, expand
from psynth.core.calculus.terms import Application, Lambda, Name, Term, Variable, fold, names_in, rebuild


def free_name(taken: Collection[str]) -> str:
    """A name for sharing that is not taken."""
    name = "let"
    while name in taken:
        name += "_"
    return name


LET_TYPE, LET_DEFINITION = "(t0 -> t1) -> t0 -> t1", "(lambda (lambda ($1 $0)))"
"""The type and the meaning of such a name."""


def lets_as_calls(term: Term, name: Name) -> Term:
    """The term with ``(name (lambda body) value)`` for each lambda that is applied to a value."""

    def combine(node: Term, parts: tuple[Term, ...]) -> Term:
        if isinstance(node, Application) and isinstance(node.function, Lambda):
            return Application(Application(name, parts[0]), parts[1])
        return rebuild(node, parts)

    return fold(term, combine)


def calls_as_lets(term: Term, name: Name) -> Term:
    """The inverse, also where a call has lost its lambda or an argument."""

    def combine(node: Term, parts: tuple[Term, ...]) -> Term:
        # A call with one argument is that argument, a function; with both it is the function applied to the value.
        if node is name:
            return Lambda(Variable(0))
        if isinstance(node, Application) and node.function is name:
            return parts[1]
        return rebuild(node, parts)

    return fold(term, combine)


def expanded_with_lets(term: Term, definitions: Mapping[str, Term], limit: int = STEP_LIMIT) -> Term:
    """The term without the names that have definitions, reduced where that made redexes, its own lets as they are."""
    taken = names_in(term).union(*map(names_in, definitions.values()))
    name = Name(free_name(taken))
    return calls_as_lets(beta_normal(expand(lets_as_calls(term, name), definitions), limit), name)

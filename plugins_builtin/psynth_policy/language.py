"""The words of λ-terms: a program in prefix order, without lambdas and parentheses, which the types of holes imply.

A word is a production, a variable ``$0``, a literal, or ``let TYPE``, which stands before a shared value of that type
and the body that has it as ``$0``: ``((lambda body) value)``. Terms are η-long, so that a word's type says how many
parts follow it and under how many lambdas each stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from psynth.core.calculus.grammars import Grammar
from psynth.core.calculus.inference import Inference, LiteralType
from psynth.core.calculus.normal_forms import eta_long
from psynth.core.calculus.substitution import contract, shift
from psynth.core.calculus.terms import (
    Application,
    Inlined,
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
from psynth.core.calculus.types import Type, canonical, parse_type
from psynth.core.errors import PsynthError

LET = "let "
"""What the word of a shared value begins with, before its type."""
LARGEST = 5_000
"""Maximum number of nodes of a program that is learned from."""
ROUNDS = 20
"""Maximum number of passes that bring the arguments of shared values into their bodies."""


@dataclass(frozen=True)
class Language:
    """The words of one library's programs, by number: those of productions, variables, literals and shared values."""

    grammar: Grammar
    words: tuple[str, ...]
    literal_type: LiteralType | None = None

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The number of each word."""
        return {word: number for number, word in enumerate(self.words)}


def standard_words(grammar: Grammar, variables: int) -> list[str]:
    """The words of every program of a library without literals and shared values, with so many variables.

    Productions of weight −∞ are never proposed, and have no word.
    """
    names = [each.name for each in grammar.productions if each.log_weight > float("-inf")]
    return [*names, *(f"${index}" for index in range(variables))]


def words_of(
    program: str, request: str, types: Mapping[str, Type], literal_type: LiteralType | None
) -> list[str] | None:
    """The words of a program of type ``request``; None if it is not of that type, or too large.

    ``#(…)`` is written out, as its body.
    """
    try:
        term, kind = parse_term(program), parse_type(request)
        if term.size > LARGEST:
            return None
        term = fold(term, _written_out)
        term = eta_long(term, kind, types, literal_type=literal_type)
        for _ in range(ROUNDS):
            inner = fold(term, _with_inner_arguments)
            if inner is term:
                break
            term = eta_long(inner, kind, types, literal_type=literal_type)
        return None if term.size > LARGEST else _prefix(term, kind, types, literal_type)
    except PsynthError:
        return None


def _written_out(node: Term, parts: tuple[Term, ...]) -> Term:
    """A node of new parts; of ``#(…)``, its body."""
    return parts[0] if isinstance(node, Inlined) else rebuild(node, parts)


def _with_inner_arguments(node: Term, parts: tuple[Term, ...]) -> Term:
    """A node of new parts; of ``((lambda body) value) argument``, the argument is brought into the body.

    A variable is no value to share: it is put in the places where it is used.
    """
    found = rebuild(node, parts)
    if not isinstance(found, Application):
        return found
    head, arguments = spine(found)
    if not isinstance(head, Lambda):
        return found
    if isinstance(arguments[0], Variable):
        return apply_to(contract(head.body, arguments[0]), *arguments[1:])
    if len(arguments) == 1:
        return found
    body = head.body
    for argument in arguments[1:]:
        moved = shift(argument, 1)
        body = contract(body.body, moved) if isinstance(body, Lambda) else Application(body, moved)
    return Application(Lambda(body), arguments[0])


def _prefix(term: Term, request: Type, types: Mapping[str, Type], literal_type: LiteralType | None) -> list[str]:
    """The words of an η-long term, with the types of its shared values as inferred."""
    inference = Inference(types, literal_type, trace=True)
    inference.require(term, inference.run(term), request)
    assert inference.trace is not None
    trace = iter(inference.trace)
    results: list[tuple[list[str], Type]] = []
    # The order is that of the inference, so that the trace has the type of each occurrence.
    stack: list[tuple[Term, bool]] = [(term, False)]
    while stack:
        node, complete = stack.pop()
        if not complete and isinstance(node, Application):
            stack += ((node, True), (node.argument, False), (node.function, False))
            continue
        if not complete and isinstance(node, Lambda):
            stack += ((node, True), (node.body, False))
            continue
        kind = next(trace)
        if isinstance(node, Application):
            (argument, value_type), (function, _) = results.pop(), results.pop()
            if isinstance(node.function, Lambda):
                shared = canonical(inference.unifier.apply(value_type))
                results.append(([f"{LET}{shared}", *argument, *function], kind))
            else:
                results.append((function + argument, kind))
        elif isinstance(node, Lambda):
            results.append((results.pop()[0], kind))
        else:
            results.append(([node.text if isinstance(node, Name) else str(node)], kind))
    return results[0][0]


def let_type(word: str) -> Type | None:
    """The type of the shared value that a word announces; None for any other word."""
    return parse_type(word.removeprefix(LET)) if word.startswith(LET) else None


def variable_index(word: str) -> int | None:
    """The index of a variable; None for any other word."""
    return int(word[1:]) if word[:1] == "$" and word[1:].isdigit() else None

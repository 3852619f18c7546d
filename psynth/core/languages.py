"""Converts ``library`` records to grammars of the calculus and back, and says whether one has types."""

from __future__ import annotations

from psynth.core.calculus import productions as calculus
from psynth.core.calculus.grammars import Grammar
from psynth.core.calculus.terms import parse_term, print_term
from psynth.core.calculus.types import TypeSyntaxError, TypeVariable, parse_type, print_type
from psynth.core.errors import PsynthError
from psynth.core.stream.records import Contextual, Library, Production, Weights


def is_typed(library: Library) -> bool:
    """Whether a language has types: every primitive has one that says something.

    Types of abstractions do not count: they are inferred, also from primitives of unknown type. A malformed type, which
    ``grammar_of`` and ``psynth check`` report, is no type variable.
    """
    primitives = [each.type for each in library.productions if each.definition is None]
    return bool(primitives) and not any(map(_is_variable, primitives))


def _is_variable(text: str) -> bool:
    try:
        return isinstance(parse_type(text), TypeVariable)
    except TypeSyntaxError:
        return False


def grammar_of(library: Library) -> Grammar:
    """The grammar of a ``library`` record; InputError names the production at fault."""
    productions = []
    for each in library.productions:
        try:
            definition = None if each.definition is None else parse_term(each.definition)
            productions.append(calculus.Production(each.name, parse_type(each.type), each.log_weight, definition))
        except PsynthError as error:
            raise library.error(f"production {each.name}: {error}") from None
    try:
        continuation = None if library.continuation is None else parse_type(library.continuation)
        contextual = None if library.contextual is None else _contextual_weights(library.contextual)
        return Grammar(tuple(productions), library.log_variable, contextual, continuation)
    except PsynthError as error:
        raise library.error(str(error)) from None


def library_of(grammar: Grammar, domain: str, previous: Library | None = None) -> Library:
    """The ``library`` record of a grammar; documentation and unknown fields are kept from ``previous``."""
    known = {} if previous is None else {each.name: each for each in previous.productions}
    productions = []
    for each in grammar.productions:
        kept = known.get(each.name)
        productions.append(
            Production(
                name=each.name,
                type=print_type(each.type),
                log_weight=each.log_weight,
                definition=None if each.definition is None else print_term(each.definition),
                documentation=None if kept is None else kept.documentation,
                extra={} if kept is None else kept.extra,
            )
        )
    return Library(
        domain=domain,
        productions=tuple(productions),
        log_variable=grammar.log_variable,
        continuation=None if grammar.continuation is None else print_type(grammar.continuation),
        contextual=None if grammar.contextual is None else _contextual_record(grammar.contextual),
        extra={} if previous is None else previous.extra,
    )


def _contextual_weights(record: Contextual) -> calculus.ContextualWeights:
    by_name = {name: tuple(map(_weights, arguments)) for name, arguments in record.productions.items()}
    return calculus.ContextualWeights(_weights(record.start), _weights(record.variable), by_name)


def _contextual_record(weights: calculus.ContextualWeights) -> Contextual:
    by_name = {name: tuple(map(_record, arguments)) for name, arguments in weights.productions.items()}
    return Contextual(start=_record(weights.start), variable=_record(weights.variable), productions=by_name)


def _weights(record: Weights) -> calculus.Weights:
    return calculus.Weights(record.log_weights, record.log_variable)


def _record(weights: calculus.Weights) -> Weights:
    return Weights(log_weights=weights.log_weights, log_variable=weights.log_variable)

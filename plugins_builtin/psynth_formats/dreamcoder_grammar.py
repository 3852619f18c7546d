"""Converts DreamCoder's JSON grammars, unigram or contextual, to libraries and back."""

from collections.abc import Mapping
from typing import Any

from psynth.core.calculus.normal_forms import inlined_definitions
from psynth.core.calculus.terms import Inlined, Name, Term, print_term
from psynth.core.calculus.types import parse_type
from psynth.core.languages import grammar_of
from psynth.core.program_lists import UNTYPED
from psynth.core.stream.records import Contextual, Library, Weights
from psynth_formats.dreamcoder_types import read_type, type_json
from psynth_formats.language import NEVER, ImportedLanguage, read_term
from psynth_formats.located import Located


def grammar_terms(grammar: Located) -> list[Term]:
    """The expressions of a grammar's productions, whose names new abstractions must avoid."""
    key = "program" if _is_contextual(grammar) else "expression"
    return [read_term(production[key]) for production in grammar["productions"].items()]


def add_grammar(grammar: Located, language: ImportedLanguage) -> None:
    """Add the productions of a grammar to ``language``: primitives in order, then abstractions, oldest first."""
    key, productions = "expression", grammar["productions"].items()
    weights = {}
    if _is_contextual(grammar):
        key = "program"
        # The unigram weights are those of the start, where the parent is unknown.
        weights = {
            read_term(production["expression"]): _log(production, "logProbability")
            for production in grammar["noParent"]["productions"].items()
        }
    entries: dict[Term, Located] = {}
    for production in productions:
        term = read_term(production[key])
        if term in entries:
            raise production.error(f"the production {term} occurs twice in the grammar")
        entries[term] = production
    primitives = [entry for entry in entries.items() if not isinstance(entry[0], Inlined)]
    abstractions = [entry for entry in entries.items() if isinstance(entry[0], Inlined)]
    # DreamCoder prepends new abstractions.
    for term, production in [*primitives, *reversed(abstractions)]:
        log_weight = weights.get(term, NEVER) if weights else _log(production, "logProbability")
        language.weigh(term, log_weight, production[key])


def grammar_library(grammar: Located, language: ImportedLanguage) -> Library:
    """The library of a grammar that `add_grammar` added to ``language``; other productions are never proposed.

    Contextual weights require the arity of productions, which is unknown in the domain ``untyped``: there only the
    weights of the start are kept.
    """
    if _is_contextual(grammar):
        if language.domain == UNTYPED:
            start = grammar["noParent"]
            return language.library(_log(start, "logVariable"), continuation=_continuation(start))
        return _contextual_library(grammar, language)
    return language.library(_log(grammar, "logVariable"), continuation=_continuation(grammar))


EMPTY_GRAMMAR: Mapping[str, Any] = {"logVariable": 0.0, "productions": []}
"""The grammar of a stream without a library."""


def grammar_json(library: Library) -> dict[str, Any]:
    """A library as DreamCoder's grammar: newest abstractions first, inlined, without names.

    Productions that are never proposed are omitted, since DreamCoder has no log-probability for them; import restores
    those that occur in programs.
    """
    inlined = inlined_definitions(grammar_of(library).definitions)
    learned = [number for number, each in enumerate(library.productions) if each.name in inlined]
    order = learned[::-1] + [number for number, each in enumerate(library.productions) if each.name not in inlined]
    names = {number: library.productions[number].name for number in order}
    expressions = {number: print_term(inlined.get(name, Name(name))) for number, name in names.items()}

    def weights_json(weights: Weights) -> dict[str, Any]:
        return _weights_json(weights, expressions, library.continuation)

    contextual = library.contextual
    if contextual is None:
        own = tuple(production.log_weight for production in library.productions)
        return weights_json(Weights(own, library.log_variable))
    return {
        "noParent": weights_json(contextual.start),
        "variableParent": weights_json(contextual.variable),
        "productions": [
            {"program": expression, "arguments": [weights_json(each) for each in contextual.productions[names[number]]]}
            for number, expression in expressions.items()
        ],
    }


def _weights_json(weights: Weights, expressions: Mapping[int, str], continuation: str | None) -> dict[str, Any]:
    data: dict[str, Any] = {
        "logVariable": None if weights.log_variable == NEVER else weights.log_variable,
        "productions": [
            {"expression": expression, "logProbability": weights.log_weights[number]}
            for number, expression in expressions.items()
            if weights.log_weights[number] > NEVER
        ],
    }
    if continuation is not None:
        data["continuationType"] = type_json(parse_type(continuation))
    return data


def _is_contextual(grammar: Located) -> bool:
    return grammar.has("noParent")


def _log(place: Located, key: str) -> float:
    found = place[key].log()
    return NEVER if found is None else found


def _continuation(grammar: Located) -> str | None:
    return str(read_type(grammar["continuationType"])) if grammar.has("continuationType") else None


def _contextual_library(grammar: Located, language: ImportedLanguage) -> Library:
    names = [production.name for production in language.library(0.0).productions]

    def name_of(place: Located) -> str:
        return str(language.resolve(read_term(place), place))

    def weights(unigram: Located) -> Weights:
        found = {
            name_of(production["expression"]): _log(production, "logProbability")
            for production in unigram["productions"].items()
        }
        if unknown := sorted(found.keys() - set(names)):
            raise unigram.error(f"{unknown[0]} is not among the grammar's productions")
        return Weights(tuple(found.get(name, NEVER) for name in names), _log(unigram, "logVariable"))

    start = weights(grammar["noParent"])
    # Productions that the grammar never proposes have no weights of their own: the start weights are used.
    tables = {name: (start,) * language.arity(name) for name in names}
    for production in grammar["productions"].items():
        name = name_of(production["program"])
        given = tuple(weights(each) for each in production["arguments"].items())
        if len(given) != len(tables[name]):
            raise production["arguments"].error(f"{name} has {len(tables[name])} arguments, not {len(given)}")
        tables[name] = given
    contextual = Contextual(start, weights(grammar["variableParent"]), tables)
    return language.library(start.log_variable, continuation=_continuation(grammar["noParent"]), contextual=contextual)

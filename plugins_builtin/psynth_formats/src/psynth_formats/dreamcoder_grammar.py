"""DreamCoder's grammar in JSON, unigram or contextual, to a library and back."""

from typing import Any

from psynth.core.normal_forms import inlined_definitions
from psynth.core.records import Contextual, Library, Weights
from psynth.core.terms import Name, Term
from psynth.core.types import parse_type
from psynth_formats.language import NEVER, UNTYPED, Language, read_term
from psynth_formats.located import Located
from psynth_formats.streams import definitions_of
from psynth_formats.types_json import read_type, type_json


def grammar_terms(grammar: Located) -> list[Term]:
    """Return the expressions of a grammar's productions, so that new names can stay clear of theirs."""
    key = "program" if _is_contextual(grammar) else "expression"
    return [read_term(production[key]) for production in grammar["productions"].items()]


def meet_grammar(grammar: Located, language: Language) -> None:
    """Add the productions of a grammar to ``language``, in their order."""
    if _is_contextual(grammar):
        start = {
            str(read_term(production["expression"])): _log(production, "logProbability")
            for production in grammar["noParent"]["productions"].items()
        }
        # The unigram weights stand where nothing is known of the parent: those of the start.
        for production in grammar["productions"].items():
            term = read_term(production["program"])
            language.weigh(term, start.get(str(term), NEVER), production["program"])
    else:
        for production in grammar["productions"].items():
            place = production["expression"]
            language.weigh(read_term(place), _log(production, "logProbability"), place)


def grammar_library(grammar: Located, language: Language) -> Library:
    """Return the library of a grammar that ``language`` has met; what it met elsewhere is in it, but never proposed.

    Contextual weights need the arguments of productions, which the domain ``untyped`` does not know: there the weights
    of the start are all that is kept.
    """
    if _is_contextual(grammar):
        if language.domain == UNTYPED:
            start = grammar["noParent"]
            return language.library(_log(start, "logVariable"), continuation=_continuation(start))
        return _contextual_library(grammar, language)
    return language.library(_log(grammar, "logVariable"), continuation=_continuation(grammar))


def grammar_json(library: Library) -> dict[str, Any]:
    """Return a library as DreamCoder's grammar.

    Productions that are never proposed are left out, since the format has no log-probability for them: those that the
    programs use come back with the programs.
    """
    written = inlined_definitions(definitions_of(library))
    expressions = [str(written.get(each.name) or Name(each.name)) for each in library.productions]
    continuation = (
        {} if library.continuation is None else {"continuationType": type_json(parse_type(library.continuation))}
    )

    def unigram(log_weights: tuple[float, ...], log_variable: float) -> dict[str, Any]:
        productions = [
            {"expression": expression, "logProbability": log_weight}
            for expression, log_weight in zip(expressions, log_weights, strict=True)
            if log_weight != NEVER
        ]
        return {"logVariable": log_variable, "productions": productions, **continuation}

    if library.contextual is None:
        return unigram(tuple(each.log_weight for each in library.productions), library.log_variable)
    tables = library.contextual
    return {
        "noParent": unigram(tables.start.log_weights, tables.start.log_variable),
        "variableParent": unigram(tables.variable.log_weights, tables.variable.log_variable),
        "productions": [
            {
                "program": expression,
                "arguments": [
                    unigram(weights.log_weights, weights.log_variable)
                    for weights in tables.productions.get(production.name, ())
                ],
            }
            for expression, production in zip(expressions, library.productions, strict=True)
        ],
    }


def _is_contextual(grammar: Located) -> bool:
    return grammar.has("noParent")


def _log(place: Located, key: str) -> float:
    found = place[key].log()
    return NEVER if found is None else found


def _continuation(grammar: Located) -> str | None:
    return str(read_type(grammar["continuationType"])) if grammar.has("continuationType") else None


def _contextual_library(grammar: Located, language: Language) -> Library:
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
    # What the grammar never proposes has no weights of its own under it: those of the start will do.
    tables = {name: (start,) * language.arity(name) for name in names}
    for production in grammar["productions"].items():
        name = name_of(production["program"])
        given = tuple(weights(each) for each in production["arguments"].items())
        if len(given) != len(tables[name]):
            raise production["arguments"].error(f"{name} has {len(tables[name])} arguments, not {len(given)}")
        tables[name] = given
    contextual = Contextual(start, weights(grammar["variableParent"]), tables)
    return language.library(start.log_variable, continuation=_continuation(grammar["noParent"]), contextual=contextual)

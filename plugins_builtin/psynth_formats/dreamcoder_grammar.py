"""DreamCoder's grammar in JSON, unigram or contextual, to a library and back."""

import itertools
from typing import Any

from psynth.core.calculus.terms import Inlined, Term
from psynth.core.languages import grammar_of
from psynth.core.stream.records import Contextual, Library, Weights
from psynth_formats.grammar_json import grammar_to_json
from psynth_formats.language import NEVER, UNTYPED, Language, read_term
from psynth_formats.located import Located
from psynth_formats.types_in_files import read_type


def grammar_terms(grammar: Located) -> list[Term]:
    """Return the expressions of a grammar's productions, so that new names can stay clear of theirs."""
    key = "program" if _is_contextual(grammar) else "expression"
    return [read_term(production[key]) for production in grammar["productions"].items()]


def add_grammar(grammar: Located, language: Language) -> None:
    """Add the productions of a grammar to ``language``: primitives in their order, then abstractions oldest first."""
    key, productions = "expression", grammar["productions"].items()
    weights = {}
    if _is_contextual(grammar):
        key = "program"
        # The unigram weights stand where nothing is known of the parent: those of the start.
        weights = {
            read_term(production["expression"]): _log(production, "logProbability")
            for production in grammar["noParent"]["productions"].items()
        }
    entries = [(read_term(production[key]), production) for production in productions]
    primitives = [entry for entry in entries if not isinstance(entry[0], Inlined)]
    abstractions = [entry for entry in entries if isinstance(entry[0], Inlined)]
    # DreamCoder puts what it learns in front of what it had.
    for term, production in [*primitives, *reversed(abstractions)]:
        log_weight = weights.get(term, NEVER) if weights else _log(production, "logProbability")
        language.weigh(term, log_weight, production[key])


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
    """Return a library as DreamCoder's grammar, newest abstractions first.

    Productions that are never proposed are left out, since DreamCoder reads no log-probability for them: those that the
    programs use come back with the programs.
    """
    written = grammar_to_json(grammar_of(library))
    unigrams = [written]
    if library.contextual is not None:
        arguments = [each["arguments"] for each in written["productions"]]
        unigrams = [written["noParent"], written["variableParent"], *itertools.chain.from_iterable(arguments)]
    for unigram in unigrams:
        unigram["productions"] = [each for each in unigram["productions"] if each["logProbability"] is not None]
    return written  # type: ignore[no-any-return]


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

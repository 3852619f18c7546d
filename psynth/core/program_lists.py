"""Programs as plain text, and definitions by name, as the records of the domain ``untyped``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from psynth.core.calculus.terms import Term, names_in, parse_term
from psynth.core.stream.records import Frontier, Library, Production, Program, Task

UNTYPED: Final = "untyped"
"""The domain of programs whose primitives have no known types."""
ANYTHING: Final = "t0"
"""The type of what has none."""


def library_of_programs(programs: Sequence[str]) -> Library:
    """The primitives of programs, in order of name; TermSyntaxError for a text that is no program."""
    return _library([parse_term(text) for text in programs], {})


def library_of_definitions(definitions: Mapping[str, str]) -> Library:
    """The abstractions, and the primitives of their definitions; TermSyntaxError for one that cannot be read."""
    terms = {name: parse_term(text) for name, text in definitions.items()}
    return _library(list(terms.values()), terms)


def frontiers_of(programs: Sequence[str], domain: str) -> list[Frontier]:
    """A task of its own for each program."""
    width = max(3, len(str(len(programs))))
    return [
        Frontier(Task(f"{domain}/{number:0{width}}", domain), (Program(str(parse_term(text))),))
        for number, text in enumerate(programs)
    ]


def _library(terms: Sequence[Term], definitions: Mapping[str, Term]) -> Library:
    names: set[str] = set().union(*map(names_in, terms)) - set(definitions)
    primitives = [Production(name, ANYTHING, 0.0) for name in sorted(names)]
    learned = [Production(name, ANYTHING, 0.0, str(term)) for name, term in definitions.items()]
    return Library(UNTYPED, (*primitives, *learned), 0.0)
